"""Train a classifier of wines and try it on what it has not seen."""

import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def train(context, known: pd.DataFrame, unseen: pd.DataFrame, strength: float = 1.0):
    """Fit and score.

    :param known:    the table to learn from
    :param unseen:   the table to be tried on
    :param strength: the inverse of the regularization
    """
    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength))
    model.fit(known.drop(columns="target"), known["target"])
    score = model.score(unseen.drop(columns="target"), unseen["target"])
    return model, score
