"""Split the wines into two tables."""

import pandas as pd
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split


def prepare(context, share: float = 0.3):
    """Keep a share of the wines for the test.

    :param share: the part of the rows that is kept apart
    """
    frame: pd.DataFrame = load_wine(as_frame=True).frame
    known, unseen = train_test_split(frame, test_size=share, random_state=0)
    context.logger.info("split", known=len(known), unseen=len(unseen))
    return known, unseen
