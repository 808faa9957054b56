"""Measure the three promises that the patients set makes.

1. Summary statistics of each vital sign say next to nothing about the outcome.
2. A small Conv1d on (patients, features, hours) finds it.
3. The same network on data that was reshaped, not permuted, does not, although every shape is right.

Run it from anywhere: ``python data/measure_patients.py``. It takes less than a minute.
"""

import sys

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from conv1d_tutor.datasets import load_patients

SPLITS = 8
PROMISES = {
    "summary statistics": ("<=", 0.62),
    "Conv1d, permuted": (">=", 0.90),
    "Conv1d, reshaped": ("<=", 0.72),
}


class SmallNetwork(nn.Module):
    """Conv1d, ReLU, maximum over time, Linear: (N, 5, 49) to (N,) scores."""

    def __init__(self, kernels: int = 16, kernel_size: int = 11) -> None:
        """Make `kernels` kernels that see `kernel_size` hours each."""
        super().__init__()
        self.conv = nn.Conv1d(5, kernels, kernel_size)
        self.linear = nn.Linear(kernels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Score each patient."""
        return self.linear(torch.relu(self.conv(x)).amax(dim=2)).squeeze(1)


def statistics_auc(array: np.ndarray, labels: np.ndarray, train: np.ndarray, test: np.ndarray) -> float:
    """Score logistic regression on mean, spread, lowest and highest value of each vital sign."""
    summary = np.concatenate([array.mean(1), array.std(1), array.min(1), array.max(1)], axis=1)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(summary[train], labels[train])
    return roc_auc_score(labels[test], model.predict_proba(summary[test])[:, 1])


def network_auc(x: np.ndarray, labels: np.ndarray, train: np.ndarray, test: np.ndarray, seed: int) -> float:
    """Train the network on the training patients and score it on the others; x is (patients, 5, 49)."""
    torch.manual_seed(seed)
    x, y = torch.tensor(x), torch.tensor(labels, dtype=torch.float32)
    model, loss = SmallNetwork(), nn.BCEWithLogitsLoss()
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=1e-3)
    for _ in range(60):
        for batch in torch.tensor(train)[torch.randperm(len(train))].split(32):
            optimiser.zero_grad()
            loss(model(x[batch]), y[batch]).backward()
            optimiser.step()
    with torch.no_grad():
        return roc_auc_score(labels[test], model(x[test]).numpy())


def measure(array: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Score the three methods on every split.

    Args:
        array: (patients, hours, features).
        labels: (patients,) of 0 and 1.

    Returns:
        (splits, 3) areas under the ROC curve, in the order of `PROMISES`.
    """
    shape = (len(array), array.shape[2], array.shape[1])
    scores = []
    splitter = StratifiedShuffleSplit(SPLITS, test_size=0.3, random_state=0)
    for seed, (train, test) in enumerate(splitter.split(array, labels)):
        # Scaling knows the training patients only: one mean and one spread for each feature.
        scaled = (array - array[train].mean((0, 1))) / array[train].std((0, 1))
        scores.append(
            (
                statistics_auc(array, labels, train, test),
                network_auc(scaled.transpose(0, 2, 1), labels, train, test, seed),
                network_auc(scaled.reshape(shape), labels, train, test, seed),
            )
        )
        print(f"split {seed + 1}: " + "  ".join(f"{score:.3f}" for score in scores[-1]), flush=True)
    return np.array(scores)


def main() -> int:
    """Print the scores; return 1 when a promise is broken."""
    data = load_patients(as_array=True)
    print("AUC of  " + " · ".join(PROMISES))
    means = measure(data.array, data.labels).mean(axis=0)
    kept = True
    for (name, (sign, bound)), mean in zip(PROMISES.items(), means, strict=True):
        good = mean <= bound if sign == "<=" else mean >= bound
        kept = kept and good
        print(f"{name:20s} mean {mean:.3f}  promised {sign} {bound:.2f}: {'kept' if good else 'BROKEN'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
