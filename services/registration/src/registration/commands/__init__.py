"""The commands of registration, besides those that every service has."""

from .measures import bulk_cancel, bulk_reinstate, move_online
from .people import erase_by_letter, grant, reset_second_factor

MEASURES = {"bulk-cancel": bulk_cancel, "move-online": move_online, "bulk-reinstate": bulk_reinstate}
"""What is done to many events at once; an operator's command has them too."""
COMMANDS = {"grant": grant, "erase": erase_by_letter, "reset-second-factor": reset_second_factor, **MEASURES}
