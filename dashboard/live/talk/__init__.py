"""A microphone's sound on its way from a browser to the relay that keeps the job. The one joint of hub and relay."""
