"""Say, cancel, settle, silence. Each view asks the policy, calls one service, and answers without a vendor's answer."""
