"""Backups of a record that prove themselves: made beside a running centre, restored, compared.

``run`` makes one, ``restore`` puts one back. What a backup file is stands in ``head`` and
``frames``; how it is encrypted in ``boxes``; what a folder of them holds in ``shelf``.
"""
