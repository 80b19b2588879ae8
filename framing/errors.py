"""What can go wrong: one line each, saying what and where."""


class ModelError(ValueError):
    """A model file that cannot be used."""


class AnnotationError(ValueError):
    """An annotation or schema file that cannot be used; names file and line."""


class InputError(ValueError):
    """A text or file that cannot be scored."""
