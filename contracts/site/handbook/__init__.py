"""The contracts as a site for people: every message, list, track and protocol a page, made from the classes and data that services check by."""
