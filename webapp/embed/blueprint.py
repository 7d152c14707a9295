"""The addresses of the block share one blueprint, so that their names stay as they were: `widget.frame`, `widget.element`…"""

from flask import Blueprint

bp = Blueprint("widget", __name__)
