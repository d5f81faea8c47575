"""What the scripts of the lobby and the room say to people."""

from __future__ import annotations

from django.utils.translation import gettext as _

from escollect.domain.events import REFUSALS
from escollect.domain.outcomes import TEXTS


def get_line_words() -> dict[str, str]:
    """The state of the connection, in words."""
    return {
        "line_connecting": _("Connecting …"),
        "line_connected": _("Connected"),
        "line_waiting": _("Reconnecting … nothing is lost."),
        "line_polling": _("Connected, a few seconds behind."),
        "line_offline": _("Offline. It goes on when you are back."),
        "line_over": _("Disconnected. Reload the page to go on."),
        "line_ended": _("Everything is saved."),
        "line_other_tab": _("Open in another tab or window now. Go on there, or reload this page."),
    }


def get_room_words() -> dict[str, str]:
    """Everything the scripts of the room say."""
    refused = {f"refused_{code}": _(text) for code, text in REFUSALS.items()}
    return get_line_words() | refused | _log_words() | _state_words() | _asking_words()


def get_practice_words() -> dict[str, str]:
    """What the scripts of the room say otherwise while somebody practises."""
    over = _("The practice chat is over. Next you see how your choices compare with the script's.")
    return {
        "partner_online": _("The seeker is scripted"),
        "partner_offline": _("The seeker is scripted"),
        "partner_unknown": _("The seeker is scripted"),
        "partner_said": _("Seeker:"),
        "typing": "",
        "goal_reached": _("All {done} messages"),
        "state_live": _("The practice chat begins. Take your time."),
        "state_survey": over,
        "state_finished": over,
        "state_aborted": _("The practice chat was closed because nobody came. You can begin another."),
        "ended_idle": _("The practice chat was closed because nothing was written for a long time."),
        "ended_partner_left": _("The practice chat was closed because you were away. You can begin another."),
        "ended_max_time": _("The time for this practice chat is over. You can begin another."),
        "notice_idle": _("It has been quiet for a while. Take your time, and write when you are ready."),
        "notice_partner_away_you": _("You were away for a while."),
    }


def get_lobby_words() -> dict[str, str]:
    """Everything the scripts of the lobby say."""
    closed = {f"closed_{outcome}": _(text) for outcome, text in TEXTS.items()}
    return (
        get_line_words()
        | closed
        | {
            "closed": _("Your waiting is over."),
            "estimate": _("Usually it takes about {minutes} min from here."),
            "no_estimate": _("We cannot say yet how long it will take."),
            "offer_title": _("Ready? A partner is here"),
            "still_title": _("Are you still there?"),
        }
    )


def _log_words() -> dict[str, str]:
    return {
        "you_said": _("You:"),
        "partner_said": _("Your partner:"),
        "sending": _("Sending …"),
        "not_sent_yet": _("Not sent yet – waits for the connection"),
        "sent": _("Sent {time}"),
        "try_again": _("Try again"),
        "remove": _("Remove"),
        "refused": _("Not sent."),
    }


def _state_words() -> dict[str, str]:
    return {
        "typing": _("Your partner is writing …"),
        "partner_coming": _("Your partner is coming"),
        "partner_online": _("Your partner is here"),
        "partner_away": _("Your partner is away"),
        "partner_offline": _("Your partner is offline"),
        "partner_unknown": _("No news of your partner"),
        "progress": _("{done} of {goal} messages"),
        "goal_reached": _("Goal reached: {done}"),
        "state_live": _("You are both here. Take your time."),
        "state_survey": _("The conversation has ended. What was said is kept. A few questions follow."),
        "state_state": _("The room is not open at the moment. You are taken to what comes first."),
        "ended_idle": _("The conversation was closed because nothing was written for a long time."),
        "ended_max_time": _("The time for this conversation is over. Thank you for yours."),
        "state_aborted": _(
            "Your partner did not come. Your place in the waiting room was kept, and we look on."
        ),
        "state_abandoned": _("The conversation was closed because both of you were away."),
        "state_finished": _("The conversation is complete."),
        "end_waits": _("It ends as soon as the connection is back."),
        "notice": _("Something changed in the conversation."),
        "notice_idle": _("It has been quiet for a while. Write something, or end the conversation kindly."),
        "notice_partner_away": _("Your partner seems to be away. You may wait, or end the conversation."),
        "away_choice": _(
            "Your partner is away. Unless they come back it ends at {time}. "
            "It counts in full for you either way."
        ),
        "notice_partner_away_you": _("You were away for a while. Your partner was told."),
        "notice_partner_back": _("Your partner is back."),
        "notice_partner_back_you": _("Welcome back."),
        "moderator": _("Moderator"),
        "notice_moderator": _("A moderator has looked in."),
        "ended_crisis_stop": _("The conversation was stopped for safety. It counts in full."),
        "ended_moderator_stop": _("A moderator has ended the conversation. What was said is kept."),
    }


def _asking_words() -> dict[str, str]:
    return {
        "write_here": _("Write here …"),
        "choose_first": _("Choose a strategy first"),
        "wait_for_partner": _("You can write as soon as your partner is in the room"),
        "left": _("{count} characters left"),
        "stars_rest": _("From time to time you are asked here how helpful it was."),
        "stars_question": _("How helpful were the last two messages?"),
        "stars_sending": _("Thank you – saving it …"),
        "stars_thanks": _("Thank you – noted."),
        "stars_late": _("That came too late to be counted. You will be asked again."),
        "help_sending": _("Sending …"),
        "help_waits": _(
            "Not recorded yet: there is no connection. It goes out by itself when it is back. "
            "If it is urgent, please use a help line."
        ),
        "help_recorded": _("Recorded. The team of the study can see it; your partner cannot."),
        "help_failed": _("It could not be recorded. If it is urgent, please use a help line."),
    }
