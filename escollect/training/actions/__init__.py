"""What is done in the training: quizzes are taken, qualifications granted and taken away."""

from escollect.training.actions.qualifying import (
    grant_qualification,
    qualify_by_practice,
    revoke_qualification,
)
from escollect.training.actions.quizzes import (
    Answered,
    TrainingRefusedError,
    answer_question,
    erase_attempts,
    start_attempt,
    submit_quiz,
)

__all__ = [
    "Answered",
    "TrainingRefusedError",
    "answer_question",
    "erase_attempts",
    "grant_qualification",
    "qualify_by_practice",
    "revoke_qualification",
    "start_attempt",
    "submit_quiz",
]
