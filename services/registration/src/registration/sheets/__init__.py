"""Files of rows, as spreadsheets write them: read into cells of text, and written back.

A file is read by a process of its own (`python -m registration.sheets`), which is given so much memory and so much
time: whatever a file is made of, it ends that process at the worst, and the service beside it stays as it was.
"""
