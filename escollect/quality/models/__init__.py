"""The rows of quality control."""

from escollect.quality.models.findings import Finding, Fingerprint, Flag
from escollect.quality.models.judging import Policy, QcJob, SimulatedChange, Simulation, Verdict
from escollect.quality.models.relabelling import Campaign, Item, Relabel
from escollect.quality.models.reviewing import Appeal, Claim, Mask, Review, SecondOpinion

__all__ = [
    "Appeal",
    "Campaign",
    "Claim",
    "Finding",
    "Fingerprint",
    "Flag",
    "Item",
    "Mask",
    "Policy",
    "QcJob",
    "Relabel",
    "Review",
    "SecondOpinion",
    "SimulatedChange",
    "Simulation",
    "Verdict",
]
