"""Random interleavings of all that can happen to a takeover, judged by the sandbox's own record. See docs/props.md."""
