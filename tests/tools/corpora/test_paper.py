from c2ser_lightning.corpus_labels import corpus_id
from c2ser_lightning.emotions import harmonise
from tools.corpora import READERS
from tools.corpora.paper import PAPER, paper_facts


def test_every_corpus_of_the_paper_has_a_reader():
    assert PAPER.keys() <= {corpus_id(name) for name in READERS}


def test_emotions_are_those_of_the_project_or_known_to_have_no_home():
    for facts in (fact for several in PAPER.values() for fact in several):
        assert len(facts.emotions) >= 4
        assert all(harmonise(emotion) in {emotion, None} for emotion in facts.emotions)


def test_a_name_in_any_spelling():
    assert paper_facts("MSP-Podcast")[0].utterances == 149_307
    assert paper_facts("mine") == ()
