"""A conversation that the paper's policy accepts, and what its two people answer before and after."""

from __future__ import annotations

STORY: tuple[tuple[str, str | None, str], ...] = (
    ("supporter", "Others", "Hello, I am glad that you are here today, take all the time you need."),
    ("seeker", None, "Hi, thank you, I was not sure whether I should come here at all."),
    ("supporter", "Question", "What has been on your mind the most over the last few days?"),
    ("seeker", None, "My whole team was let go last month and I still wake up at five every day."),
    (
        "supporter",
        "Restatement or Paraphrasing",
        "So the job is gone, and your body still keeps its old hours.",
    ),
    ("supporter", "Reflection of feelings", "It sounds as if that leaves you worn out and rather on edge."),
    ("seeker", None, "Yes exactly, I lie there and count what we can still pay for."),
    ("seeker", None, "My sister says I worry too much, which does not make it any better."),
    (
        "supporter",
        "Affirmation and Reassurance",
        "Worrying about rent after losing a job is what most people would do.",
    ),
    ("seeker", None, "It helps a little to hear that somebody finds it normal."),
    (
        "supporter",
        "Self-disclosure",
        "I lost a job once too, and the early mornings were the worst part for me.",
    ),
    ("seeker", None, "How did you get through those first weeks without going round in circles?"),
    (
        "supporter",
        "Providing Suggestions",
        "You could write the sums down once in the evening, so that the night need not.",
    ),
    (
        "supporter",
        "Information",
        "Many town halls have advice for people who were let go, and it costs nothing.",
    ),
    ("seeker", None, "I did not know that, I could go there on Thursday before noon."),
    ("seeker", None, "And the list in the evening is something I can try tonight."),
    ("supporter", "Question", "Is there someone who could go there with you, if that felt easier?"),
    ("seeker", None, "My sister would, she likes to do things rather than talk about them."),
    (
        "supporter",
        "Affirmation and Reassurance",
        "That is a good plan, and it was brave to say all of this today.",
    ),
    ("seeker", None, "Thank you, I feel quite a bit lighter than I did half an hour ago."),
)

SITUATION = "I lost my job last month and cannot sleep because I keep counting what we can still pay."

BEFORE = {
    "experience_type": "Current Experience",
    "emotion_type": "anxiety",
    "problem_type": "job crisis",
    "initial_emotion_intensity": "5",
    "situation": SITUATION,
}
SEEKER_AFTER = {
    "final_emotion_intensity": "2",
    "empathy": "5",
    "relevance": "5",
    "question1": "I liked that nobody hurried me.",
    "question2": "",
}
SUPPORTER_AFTER = {
    "relevance": "4",
    "question1": "The strategies helped me to slow down.",
    "question2": "A larger text field would be nice.",
}
