"""The readers by the name that ``--corpus`` takes."""

from collections.abc import Mapping
from types import MappingProxyType

from tools.corpora.asvp_esd import read_asvp_esd
from tools.corpora.base import Reader
from tools.corpora.biic_podcast import read_biic_podcast
from tools.corpora.casia import read_casia
from tools.corpora.crema_d import read_crema_d
from tools.corpora.csv_manifest import read_csv_manifest
from tools.corpora.demo import read_demo
from tools.corpora.emo_emilia import read_emo_emilia
from tools.corpora.emobox import read_emobox
from tools.corpora.emodb import read_emodb
from tools.corpora.emovdb import read_emovdb
from tools.corpora.emovo import read_emovo
from tools.corpora.esd import read_esd
from tools.corpora.hugging_face import read_hugging_face
from tools.corpora.iemocap import read_iemocap
from tools.corpora.json_lines import read_json_lines
from tools.corpora.kaldi import read_kaldi
from tools.corpora.m3ed import read_m3ed
from tools.corpora.meld import read_meld
from tools.corpora.mer2024 import read_mer2024
from tools.corpora.mesd import read_mesd
from tools.corpora.msp_podcast import read_msp_podcast
from tools.corpora.nemo import read_nemo
from tools.corpora.ravdess import read_ravdess

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "asvp_esd": read_asvp_esd,
        "biic_podcast": read_biic_podcast,
        "casia": read_casia,
        "crema_d": read_crema_d,
        "csv": read_csv_manifest,
        "demo": read_demo,
        "emo_emilia": read_emo_emilia,
        "emobox": read_emobox,
        "emodb": read_emodb,
        "emovdb": read_emovdb,
        "emovo": read_emovo,
        "esd": read_esd,
        "hf": read_hugging_face,
        "iemocap": read_iemocap,
        "jsonl": read_json_lines,
        "kaldi": read_kaldi,
        "m3ed": read_m3ed,
        "meld": read_meld,
        "mer2024": read_mer2024,
        "mesd": read_mesd,
        "msp_podcast": read_msp_podcast,
        "nemo": read_nemo,
        "ravdess": read_ravdess,
    }
)

SYNTHETIC_CORPORA = frozenset({"demo"})
"""Names (as in ``ManifestRow.corpus``) of corpora in which no human speaks."""
