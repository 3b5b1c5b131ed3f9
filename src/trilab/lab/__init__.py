"""Labs: ``lab.yml``, a candidate's variables, the rendered subject, the answers."""

from trilab.lab.answers import Answer, AnswerFile, AnswerInfo, all_answers, answer, answers
from trilab.lab.candidate import Candidate
from trilab.lab.catalogue import Entry, catalogue, check, content_hash, get, locate
from trilab.lab.definition import Criterion, LabDefinition, load_lab
from trilab.lab.subject import diagram, subject, subject_html

__all__ = [
    "Answer",
    "AnswerFile",
    "AnswerInfo",
    "Candidate",
    "Criterion",
    "Entry",
    "LabDefinition",
    "all_answers",
    "answer",
    "answers",
    "catalogue",
    "check",
    "content_hash",
    "diagram",
    "get",
    "load_lab",
    "locate",
    "subject",
    "subject_html",
]
