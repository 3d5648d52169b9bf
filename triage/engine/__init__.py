"""The rules of the front desk, pure: facts and a policy in, a decision with its reasons out."""
