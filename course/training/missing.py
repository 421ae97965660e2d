"""Say which answer is missing, where something is to run with the student's parts."""

from course.checking.probe import describe


def tell_missing(error, done):
    """Print the name of the function that is not answered yet, and that nothing was `done`.

    error: the NotImplementedError that it raised.    done: such as `"trained"`.
    """
    place = describe(error)["line"].partition(",")[0]
    print(f"`{place}` is not answered yet: nothing was {done}.")
