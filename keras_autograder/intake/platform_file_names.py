"""File names that learning platforms give to what students hand in, for ``nbgrader zip_collect``.

nbgrader matches the path of every extracted file, the part below ``extracted/`` being the platform's. The outermost
folder or file decides whose it is: what lies inside an archive was named by a student, who could use another's name.
Where people may have equal names, the platform's number is part of the student's id.
"""

# Moodle       Doe Jane_1234_assignsubmission_file_Answer.ipynb, or a folder Doe Jane_1234_assignsubmission_file
# Canvas       doejane_1234_56789_Answer.ipynb, doejane_LATE_1234_56789_Answer.ipynb
# Blackboard   Assignment 1_jdoe_attempt_2026-11-02-09-30-00_Answer.ipynb
# Brightspace  1234-5678 - Jane Doe - Nov 2, 2026 930 AM - Answer.ipynb, or a folder of that name
PLATFORM_FILE_NAMES = r"""(?x)
    ^.*?[/\\]extracted[/\\]
    (?:[^/\\]+[/\\])*?                                     # the archive of the whole class
    (?:[^/\\]+_(?=[^/\\_]+_attempt_\d))?
    (?P<student_id>
        [^/\\]+?_\d+                (?=_assignsubmission_)
      | [^/\\_]+(?:_LATE)?_\d+      (?=_\d+_)
      | [^/\\_]+                    (?=_attempt_\d)
      | \d+-\d+\ -\ [^/\\]+?        (?=\ ?-\ [A-Z][a-z]+\ \d+,)
    )
    (?:
        _assignsubmission_[a-z]+_?
      | _\d+_
      | _attempt_(?P<timestamp>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)_?
      | \ ?-\ [A-Z][a-z]+\ \d+,\ \d{4}\ [\d:]+\ [AP]M(?:\ -\ )?
    )
    [/\\]?
    (?P<file_id>.+)$
"""

# One folder for each student, as whoever gathers notebooks by hand would have it: extracted/jane/Answer.ipynb
STUDENT_FOLDERS = r"^.*?[/\\]extracted[/\\](?P<student_id>[^/\\]+)[/\\](?P<file_id>.+)$"
