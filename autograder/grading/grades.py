"""Save points to the gradebook; what needs review gets no mark."""

from nbgrader.preprocessors import SaveAutoGrades

from autograder.grading.judge import verdict_data


class SaveGrades(SaveAutoGrades):
    """nbgrader's `SaveAutoGrades`, which cannot say "no mark yet" of a check cell."""

    def _add_score(self, cell, resources):
        verdict = verdict_data(cell)
        if verdict and verdict["points"] is not None:
            super()._add_score(cell, resources)
            return
        grade = self.gradebook.find_grade(
            cell.metadata["nbgrader"]["grade_id"],
            self.notebook_id,
            self.assignment_id,
            self.student_id,
        )
        grade.auto_score = None
        grade.needs_manual_grade = True
        self.gradebook.db.commit()
