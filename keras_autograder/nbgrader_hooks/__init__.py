"""The only room that replaces, subclasses or patches nbgrader, nbconvert, SQLAlchemy and jsonschema.

One file a hook: its docstring says why it is there, what it relies on, and what the upstream would have to offer instead.
A test in ``tests/test_nbgrader_hooks.py`` fails when the upstream changes what the hook relies on.

| hook | reason | contract test |
| --- | --- | --- |
| `submission_exporter` | nbgrader offers no hook before it lists submissions, and runs them one by one | `test_nbgrader_makes_its_exporter_after_its_list_and_calls_its_hook_before_it_reads_a_submission` |
| `staged_course` | what is handed in cannot be read as it is; shared modules lie elsewhere | `test_a_converter_takes_its_folders_from_its_course_directory_each_time` |
| `waiting_submissions` | nbgrader passes over whoever has no notebook of the right name | `test_nbgrader_finds_clean_copies_in_the_list_and_the_time_of_submission_in_them` |
| `sanitizer` | submissions are made ready ahead, with nbgrader's own steps | `test_the_sanitising_steps_are_run_in_their_order_with_the_converter_above_them` |
| `repair_notebook` | nbgrader finds cells by metadata alone, which editors drop | `test_the_sanitising_steps_are_run_in_their_order_with_the_converter_above_them` |
| `clear_solutions` | one stub stands for all solutions | `test_clear_solutions_decides_in_one_method_what_stands_in_a_regions_place` |
| `released_modules` | what several assignments import is not released | `test_what_a_step_puts_into_a_release_stays_there` |
| `judged_execute` | nbgrader runs check cells in the student's kernel | `test_execution.py`: `test_defaults_are_those_of_nbgraders_step`, `test_what_is_used_of_nbclient_is_public_and_there` |
| `gradebook_engine` | a new engine for each look into the gradebook | `test_gradebooks_look_their_engine_up_where_it_is_replaced` |
| `alembic_on_path` | alembic is looked for on the ``PATH`` only | `test_nbgrader_runs_alembic_by_its_name` |
| `schema_formats` | an import of seconds for a format that no notebook holds | `test_jsonschema_imports_its_slow_format_unless_it_is_told_that_there_is_none` |

That nbgrader's lists of steps are those that ``configuration`` repeats is what
`test_the_lists_of_steps_are_nbgraders_own_with_ours_in_place_or_at_an_end` checks.

This file imports nothing: ``keras_autograder`` itself needs one light module of this room before all others.
"""  # noqa: E501 (rows of a table)
