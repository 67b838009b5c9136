"""What keeps the house: reference pages, frozen bytes, locks, the newcomer's clock."""
