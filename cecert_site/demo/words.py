"""What supervisors of the demo wrote before calls and took on in them. Invented, and about nobody."""

PREPARED = {
    1: (
        {
            "situation": "A worker laughs off every hard visit. I only notice when the sick days come.",
            "question": "How do I ask without making it a performance talk?",
        },
        {
            "situation": "Two resignations in one month. The rest of the team says nothing about it.",
            "question": "Where do I begin with people who are tired of new programs?",
            "for_the_team": "That this is for during work, not one more thing after it.",
        },
    ),
    2: (
        {
            "situation": "I put off calling a family back for a whole week, and so did the worker.",
            "tried": "Asked “What was that like for you?” in two supervisions. One long silence, one long answer.",
            "question": "What do I do when I am the one who avoids?",
        },
        {
            "situation": "A removal that went badly. Everybody speaks about the paperwork since.",
            "tried": "Three check-ins a day. My word was “flat” more often than I expected.",
            "question": "Is it avoidance if we are simply busy?",
        },
    ),
    3: (
        {
            "situation": "In supervision I had a plan ready before the worker had finished the first sentence.",
            "tried": "One word, three times a day, on a sticky note.",
            "question": "How long is a good silence?",
            "for_the_team": "The check-in question at the start of the huddle.",
        },
        {
            "situation": "A worker cried and I changed the subject to dates.",
            "tried": "Stayed with one feeling in the car. It went down by itself.",
            "question": "Where does supervision end and therapy begin?",
        },
    ),
    4: (
        {
            "situation": "A worker goes over a visit from months ago every evening.",
            "tried": "One question about the feeling before one about the plan. Works when I write it on top of the page.",
            "question": "How do I tell rumination from being thorough?",
        },
        {
            "situation": "After the late shift nobody goes home; they sit in their cars with the phone.",
            "tried": "Two minutes without advice. Harder for me than for them.",
            "question": "What could a two-minute task be at night?",
            "for_the_team": "An absorbing thing to do together before leaving.",
        },
    ),
}
"""By call: texts of those who shared what they prepared."""

BEGUN = {
    "situation": "The drive to the first visit of the week: what I hear in my own head is “here we go again.”",
    "tried": "The two-minute task after hard contacts: sorting the resource shelf. People smile about it, and do it.",
}
"""Begun for the next call, not shared yet."""
SHARED_EARLY = {
    "situation": "A worker tells every case as a failure, also those that end well.",
    "tried": "Asked for a night-time plan; the concrete part helped most.",
    "question": "How do I edit a story without cheering?",
}

TOOK_ON = {
    1: (
        "Ask each worker once what a visit was like, and wait for the answer",
        "Tell the team in two sentences what this is, and what it is not",
        "Block the next nine calls in my calendar and in my deputy's",
    ),
    2: (
        "Three check-ins a day, one word each, for two weeks",
        "Call back the family I have been putting off, before Friday",
        "Name in the huddle one thing I step around myself",
    ),
    3: (
        "In each supervision one question about the feeling before the plan",
        "Two minutes without advice in the next hard case talk",
        "Say out loud one strength I saw, to each worker, this month",
    ),
    4: (
        "Agree with the team on one two-minute task after hard contacts",
        "Write my own night-time plan and use it for two weeks",
        "Label rumination out loud once a week in the huddle",
    ),
}
"""By call: what people took on."""

REMARKS = {
    "time": "Time ran out after the case discussion.",
    "talked": "Talked about, not tried out.",
    "half": "Two of the group did it, the others listened.",
    "date": "Commitments without a date; to be asked after next time.",
}
