"""Quality control as pure functions: rules measure a transcript, a policy combines them, a verdict
explains.
"""
