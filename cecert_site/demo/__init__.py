"""The demo: an invented agency in mid-rollout, a smaller one beside it, and who may sign in."""
