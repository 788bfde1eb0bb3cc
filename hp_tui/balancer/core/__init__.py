"""What a call in progress needs of its client, off the client's public class.

``listeners`` tells events, ``rotation`` is who can be picked now, ``client_core`` holds both with the client's rules.
Nothing here knows the public class, a channel facade or a call.
"""
