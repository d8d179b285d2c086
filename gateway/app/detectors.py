"""Puts the learned detectors together: all of them read what one encoder says of a text."""

from gateway.adapters.presidio.recognizer import PresidioRecognizer
from gateway.adapters.rules.classifier import RuleClassifier
from gateway.encoder.classifier import EncodedClassifier
from gateway.encoder.detector_models import DetectorModels
from gateway.encoder.encoder import OnnxEncoder
from gateway.encoder.tagger import EncoderTagger
from gateway.schema.recognizer import RecognizerKeys


def recognizer_on(encoder: OnnxEncoder, keys: RecognizerKeys | None) -> PresidioRecognizer:
    """Personal data by written forms, and names and the like by the encoder.

    Raises OptionError for keys that cannot work, and ModelFileError for a model that cannot.
    """
    stored = encoder.files.calibration.get("pii", {})
    tagger = EncoderTagger(encoder, stored.get("kinds", {}), float(stored.get("lean", 0.0)))
    return PresidioRecognizer(keys, taggers=[tagger])


def classifier_on(encoder: OnnxEncoder, models: DetectorModels) -> EncodedClassifier:
    """Small talk, questions and tasks, by wording and by meaning."""
    return EncodedClassifier(encoder, models, RuleClassifier())
