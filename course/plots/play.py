"""Controls under a picture, by ipywidgets; the picture alone where there are none."""


class Playground:
    """A picture redrawn whenever a control below it moves.

    draw: returns a `Picture` for keyword values.
    controls: by name, a list of choices, or `(lowest, highest, step, start)` of a slider.
    labels: what stands beside a control, by name.
    Where widgets cannot be shown (a saved notebook, a page on the web, ipywidgets missing), the
    picture at the starting values stands in their place.
    """

    def __init__(self, draw, controls, labels):
        self.draw = draw
        self.start = {name: _start(control) for name, control in controls.items()}
        self.box = _box(draw, controls, labels, self.start)

    def still(self):
        """Return the picture at the starting values."""
        return self.draw(**self.start)

    def _repr_mimebundle_(self, include=None, exclude=None):
        controls = self.box._repr_mimebundle_() if self.box else {}
        return {**controls, **self.still()._repr_mimebundle_()}


def _start(control):
    return control[0] if isinstance(control, list) else control[3]


def _box(draw, controls, labels, start):
    try:
        import ipywidgets
    except ImportError:
        return None
    image = ipywidgets.HTML(draw(**start).to_html())
    widgets = {
        name: _widget(ipywidgets, control, labels[name]) for name, control in controls.items()
    }

    def redraw(_):
        image.value = draw(**{name: widget.value for name, widget in widgets.items()}).to_html()

    for widget in widgets.values():
        widget.observe(redraw, names="value")
    return ipywidgets.VBox([*widgets.values(), image])


def _widget(ipywidgets, control, label):
    shape = {"style": {"description_width": "9em"}, "layout": {"width": "34em"}}
    if isinstance(control, list):
        return ipywidgets.Dropdown(options=control, description=label, **shape)
    low, high, step, start = control
    digits = 0 if all(float(value).is_integer() for value in control) else 2 if step < 0.1 else 1
    shape["readout_format"] = f".{digits}f"
    return ipywidgets.FloatSlider(start, min=low, max=high, step=step, description=label, **shape)
