"""The instructor's side of the course: authoring, demonstration class, reports. Students never need it."""
