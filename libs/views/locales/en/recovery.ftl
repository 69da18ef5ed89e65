# The way in when no other one works.

recovery-title = A way in, once
recovery-text = This link was made on the command line of the server. It lets a superuser in once.
recovery-enter = Log in
recovery-wrong = This link is not, or no longer, good. Make another one with “kiwi createsuperuser --recovery”.
