"""Hugging Face: a tiny model made of a configuration is trained by its Trainer, and logged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.frameworks, pytest.mark.timeout(300)]


def test_a_trainer_logs_itself(run: Any, tmp_path: Path) -> None:
    import torch
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        Trainer,
        TrainingArguments,
    )

    from jupyter_mlrun.frameworks.huggingface import HuggingFaceModelHandler, apply_mlrun

    rows = [
        {"input_ids": torch.randint(0, 30, (8,)), "labels": torch.tensor(n % 2)} for n in range(16)
    ]

    def train(context):
        config = BertConfig(
            vocab_size=30, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
            intermediate_size=8,
        )  # fmt: skip
        trainer = Trainer(
            BertForSequenceClassification(config),
            TrainingArguments(
                str(tmp_path / "out"), num_train_epochs=2, logging_steps=1, report_to=[],
                use_cpu=True, save_strategy="no", per_device_train_batch_size=8,
            ),
            train_dataset=rows,
            eval_dataset=rows,
        )  # fmt: skip
        apply_mlrun(trainer, "tiny", context=context)
        trainer.train()
        trainer.evaluate()

    done = run(train)
    assert len(done.status.series["loss"]) == 4
    assert "eval_loss" in done.status.results
    spec = done.artifact("model").meta["spec"]
    assert spec["framework"] == "huggingface" and spec["parameters"]["num_train_epochs"] == 2
    handler = HuggingFaceModelHandler(model_path=done.status.artifact_uris["model"])
    handler.load()
    assert type(handler.model).__name__ == "BertForSequenceClassification"
    assert handler.model.config.hidden_size == 8
