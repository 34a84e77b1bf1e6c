"""Parasympathetic recovery: recover during the day, all day."""

from django.utils.translation import gettext_lazy as _

from .parts import Domain, Skill

RECOVERY = Domain(
    "parasympathetic_recovery",
    _("Recover during the day and all day, instead of waiting for the evening."),
    _(
        "A body that has been alarmed needs to come down again before the next alarm. This domain practices small "
        "returns, many times a day, alone and as a team. None of them takes long; most of them fit between two tasks."
    ),
    (
        Skill(
            "breathing",
            _("Breathing through the day"),
            _(
                "Slow, aware breaths spread over the whole day, tied to things that happen anyway. The attention "
                "goes along with the breath."
            ),
            _("At doors, at red lights, before you pick up the phone."),
            (
                _("Choose a cue that comes at least ten times a day."),
                _("At the cue, breathe in to four and out to six, twice."),
                _("Keep your mind on the count."),
            ),
            (
                _("Each time you fasten the seat belt."),
                _("Each time your hand is on the handle of the consulting room."),
                _("Each time a file is loading."),
            ),
            _("A relaxation session. Two breaths are enough, and nobody has to notice."),
        ),
        Skill(
            "shared-holding",
            _("Holding hard cases together"),
            _(
                "Nobody carries the worst case alone. The team has a short, known way to bring it, be heard, and "
                "put it down together."
            ),
            _("On the day a case is too heavy for one."),
            (
                _("Say “I have something to hold together,” so that everybody knows what is asked."),
                _("Five minutes to tell it, without names and without details that nobody needs."),
                _("Each one says what they heard. No advice."),
                _("End it aloud: “Thank you. We have it.”"),
            ),
            (
                _("After a removal, four of you stand in the kitchen for ten minutes."),
                _("After a crisis assessment, the hall light means: two people come."),
                _("After a hard phone call, the neighboring desk turns around."),
            ),
            _("Venting. It has a beginning, an end, and people who agreed to listen."),
        ),
        Skill(
            "moving",
            _("Moving"),
            _("About five minutes of every hour on your feet. The body gets to finish what the alarm began."),
            _("Once in every working hour."),
            (
                _("Set a quiet reminder for ten minutes to the hour."),
                _("Stand up and walk: stairs, around the block, to somebody’s desk."),
                _("Let your arms swing and look into the distance."),
            ),
            (
                _("You park at the far end of the lot."),
                _("You walk the next client to the door and take the long way back."),
                _("You take the call standing at the window."),
            ),
            _("Exercise after work. That is good too, and something else."),
        ),
        Skill(
            "lunch",
            _("A real lunch"),
            _(
                "Food, away from the desk, with no case on the table. Twenty minutes in which nothing is asked of you."
            ),
            _("Every working day; put it in the calendar."),
            (
                _("Sit somewhere you do not work."),
                _("Eat, and notice what it tastes like."),
                _("If the talk turns to cases, turn it to something else."),
            ),
            (
                _("You eat on a bench and not in the car between two visits."),
                _("You block the half hour as you would for a client."),
                _("You leave the screen and sit with whoever is there."),
            ),
            _("Eating while catching up on notes."),
        ),
        Skill(
            "acknowledging",
            _("Acknowledging distress in the team"),
            _(
                "Saying what everybody sees. When something hard has happened, the team says so in the same day, in "
                "plain words, and goes on working."
            ),
            _("After a death, a threat, a failed placement, a bad article in the news."),
            (
                _("Somebody says it: “That was a hard morning for all of us.”"),
                _("A minute for whoever wants to add a word. Nobody has to."),
                _("Ask what this afternoon needs: who swaps, who goes home, who covers."),
            ),
            (
                _("The unit meets for ten minutes before the phones go back on."),
                _("The morning huddle begins with the client who died."),
                _("The manager comes by each desk, and does not send an e-mail."),
            ),
            _("An investigation. What went wrong is looked at another day."),
        ),
        Skill(
            "soft-ending",
            _("A soft ending"),
            _(
                "A short transition that closes the working day, always the same one, so that work ends somewhere."
            ),
            _("In the last ten minutes, and on the way home."),
            (
                _("Write down what waits for tomorrow. It is now on the paper."),
                _("Name one thing that went well, however small."),
                _("Do one closing act: lock the drawer, change your shoes, turn the lamp off."),
            ),
            (
                _("The last visit done, you sit in the car for one song before you drive."),
                _("You straighten the chairs of the room for tomorrow’s first client."),
                _("You clear the desk to the wood and say goodbye to somebody."),
            ),
            _("One more e-mail."),
        ),
        Skill(
            "checking-in",
            _("Checking in and rebalancing"),
            _(
                "Asking many times a day how much alarm is in the body, and doing one small thing about it at once. "
                "Small corrections, as on a bicycle."
            ),
            _("At the same cue as the breathing, or on the hour."),
            (
                _("Rate it from 0 (asleep) to 10 (panic)."),
                _("Too high: breathe out longer, feel the floor, look far away."),
                _("Too low: stand up, cold water, daylight."),
                _("Go on. Ask again in an hour."),
            ),
            (
                _("Seven after the visit: you walk once around the block before you write."),
                _("Two after lunch: you open the window and stand for the next note."),
                _("Six in the meeting: both feet on the floor, one long breath out."),
            ),
            _("Staying calm all day. Alarm belongs to the work; getting stuck in it does not."),
        ),
        Skill(
            "dropping-anchor",
            _("Dropping anchor"),
            _(
                "When a feeling is a storm: you say what is there, come back to your body, and attend to the room. "
                "The storm goes on, and the ship holds."
            ),
            _("When you are swept away, and somebody still needs you."),
            (
                _("Say what is there: “Here is panic.”"),
                _("Push your feet into the floor, press your fingertips together, straighten your back."),
                _("Look around: five things you see, three you hear. What were you doing?"),
                _("Go once more through all three, slower."),
            ),
            (
                _("On the landing, after the door was slammed."),
                _("In the session, while the client looks for a tissue."),
                _("At your desk, with the message still open."),
            ),
            _("Making the storm stop. It is about holding while it blows."),
        ),
        Skill(
            "absorbing",
            _("Twenty absorbing minutes"),
            _(
                "Some twenty minutes a day with something that swallows you whole, chosen because you like it."
            ),
            _("Once a day, at work or after it, at a time that is yours."),
            (
                _("Find what makes you forget the clock: music, dough, a crossword, a garden bed."),
                _("Give it a place and a time."),
                _("Leave the phone in another room."),
            ),
            (
                _("You sketch in the car while you wait for the court."),
                _("You practice the guitar before the house wakes."),
                _("You knit through the lunch break."),
            ),
            _("Being entertained. You do something; it is not done for you."),
        ),
        Skill(
            "supervision",
            _("Balanced supervision"),
            _(
                "Supervision that has three legs: support, teaching, and the business of the job. When one is missing "
                "for weeks, the stool tips."
            ),
            _("In each supervision hour, and when you plan the next one."),
            (
                _("Look back at the last three hours: how much was support, teaching, business?"),
                _("Name the one that came short."),
                _("Ask for it at the beginning of the next hour."),
            ),
            (
                _("“Could we take the first ten minutes for how the removal was, and then the list?”"),
                _("“I would like to try out that conversation with you before Thursday.”"),
                _("“We talked about me for three weeks. I need ten minutes on deadlines.”"),
            ),
            _("Therapy. Where to turn for that, you can ask your supervisor."),
        ),
        Skill(
            "partner",
            _("An accountability partner"),
            _(
                "One colleague who knows what you have decided to practice, asks after it, and is asked in return."
            ),
            _("Ten minutes a week, at a fixed time."),
            (
                _("Choose somebody who will really ask."),
                _("Tell each other one practice for this week."),
                _("Next week: did you, and what was it like? No advice unless asked."),
                _("You can share your practice plan with them, and stop at any time."),
            ),
            (
                _("Every Monday on the way to the first visit, in the car."),
                _("Every Thursday over the first coffee."),
                _("Every Friday, five minutes each, standing."),
            ),
            _("Being checked on. You ask for it, and you choose by whom."),
        ),
        Skill(
            "vacations",
            _("Vacations planned ahead"),
            _(
                "Days off that stand in the calendar long before you need them, with somebody named who covers."
            ),
            _("Twice a year, when the calendar opens."),
            (
                _("Enter the dates for the next six months now."),
                _("Write down who covers what, and tell them."),
                _("Plan the day before and the day after: no new cases, no court."),
            ),
            (
                _("The week after the reunification hearings is yours, and it says so on the board."),
                _("Clients hear of it four weeks before, with the name of who is there."),
                _("The report that falls into that week is due a week earlier."),
            ),
            _("Waiting until you cannot go on."),
        ),
    ),
)
