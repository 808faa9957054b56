"""Which models live in the zoo? Some forty that others wrote, built small, with random weights.

Each is made inside its function, so that asking one model loads one package.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn


@dataclass(frozen=True)
class Model:
    """A model of the zoo.

    Attributes:
        package: where it is from.
        name: its own name.
        build: makes it, and one right input, a batch of two.
        time: the axis of the first argument that is time.
        notes: codes of the notes that are right, each with the reason.
    """

    package: str
    name: str
    build: Callable[[], tuple[nn.Module, Any]]
    time: int = -1
    notes: dict[str, str] = field(default_factory=dict)


ZOO: list[Model] = []


def keeper(package: str, name: str, **facts: Any) -> Callable[[Callable[[], tuple[nn.Module, Any]]], None]:
    """Put the model that the decorated function builds into the zoo."""

    def keep(build: Callable[[], tuple[nn.Module, Any]]) -> None:
        ZOO.append(Model(package, name, build, **facts))

    return keep


@keeper("torchaudio", "Wav2Letter", notes={"even_kernel": "a kernel of 32 with padding 16 makes 101 steps of 100"})
def _() -> tuple[nn.Module, Any]:
    from torchaudio.models import Wav2Letter

    return Wav2Letter(num_classes=10, input_type="mfcc", num_features=13), torch.randn(2, 13, 200)


@keeper("torchaudio", "ConvTasNet")
def _() -> tuple[nn.Module, Any]:
    from torchaudio.models import ConvTasNet

    sizes = {"enc_num_feats": 32, "msk_num_feats": 16, "msk_num_hidden_feats": 32, "msk_num_layers": 3}
    return ConvTasNet(**sizes, msk_num_stacks=2), torch.randn(2, 1, 4000)


@keeper("torchaudio", "Conformer", time=1)
def _() -> tuple[nn.Module, Any]:
    from torchaudio.models import Conformer

    return Conformer(40, 4, 64, 2, 15), (torch.randn(2, 100, 40), torch.tensor([100, 80]))


@keeper("torchaudio", "Wav2Vec2Model")
def _() -> tuple[nn.Module, Any]:
    from torchaudio.models import wav2vec2_model

    model = wav2vec2_model(
        extractor_mode="group_norm",
        extractor_conv_layer_config=[(32, 10, 5), (32, 3, 2), (32, 2, 2)],
        extractor_conv_bias=False,
        encoder_embed_dim=48,
        encoder_projection_dropout=0.0,
        encoder_pos_conv_kernel=16,
        encoder_pos_conv_groups=4,
        encoder_num_layers=2,
        encoder_num_heads=4,
        encoder_attention_dropout=0.0,
        encoder_ff_interm_features=96,
        encoder_ff_interm_dropout=0.0,
        encoder_dropout=0.0,
        encoder_layer_norm_first=False,
        encoder_layer_drop=0.0,
        aux_num_out=12,
    )
    return model, torch.randn(2, 8000)


@keeper("torchaudio", "WaveRNN")
def _() -> tuple[nn.Module, Any]:
    from torchaudio.models import WaveRNN

    model = WaveRNN([2, 2, 3], 16, 12, 2, 32, 32, 5, 40, 16, 24)
    return model, (torch.randn(2, 1, 72), torch.randn(2, 1, 40, 10))


@keeper("torchaudio", "HDemucs")
def _() -> tuple[nn.Module, Any]:
    from torchaudio.models import HDemucs

    return HDemucs(["drums", "rest"], channels=8, nfft=1024, depth=4), torch.randn(2, 2, 16384)


def small_speech_encoder(config: type, **more: Any) -> Any:
    """A small configuration of transformers' wav2vec2 family."""
    return config(
        hidden_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=96,
        conv_dim=(32, 32, 32),
        conv_stride=(5, 2, 2),
        conv_kernel=(10, 3, 3),
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
        **more,
    )


@keeper("transformers", "Wav2Vec2Model")
def _() -> tuple[nn.Module, Any]:
    from transformers import Wav2Vec2Config, Wav2Vec2Model

    return Wav2Vec2Model(small_speech_encoder(Wav2Vec2Config)), torch.randn(2, 8000)


@keeper("transformers", "HubertModel")
def _() -> tuple[nn.Module, Any]:
    from transformers import HubertConfig, HubertModel

    return HubertModel(small_speech_encoder(HubertConfig)), torch.randn(2, 8000)


@keeper("transformers", "SEWModel")
def _() -> tuple[nn.Module, Any]:
    from transformers import SEWConfig, SEWModel

    return SEWModel(small_speech_encoder(SEWConfig, squeeze_factor=2)), torch.randn(2, 8000)


@keeper("transformers", "WhisperEncoder")
def _() -> tuple[nn.Module, Any]:
    from transformers import WhisperConfig
    from transformers.models.whisper.modeling_whisper import WhisperEncoder

    config = WhisperConfig(
        d_model=48, encoder_layers=2, encoder_attention_heads=4, encoder_ffn_dim=96, max_source_positions=100
    )
    return WhisperEncoder(config), torch.randn(2, 80, 200)


@keeper("transformers", "SpeechT5HifiGan", time=1)
def _() -> tuple[nn.Module, Any]:
    from transformers import SpeechT5HifiGan, SpeechT5HifiGanConfig

    return SpeechT5HifiGan(SpeechT5HifiGanConfig(upsample_initial_channel=64)), torch.randn(2, 30, 80)


@keeper("transformers", "EncodecModel")
def _() -> tuple[nn.Module, Any]:
    from transformers import EncodecConfig, EncodecModel

    config = EncodecConfig(num_filters=8, hidden_size=32, codebook_size=64, codebook_dim=32)
    return EncodecModel(config), torch.randn(2, 1, 3200)


@keeper("transformers", "DacModel")
def _() -> tuple[nn.Module, Any]:
    from transformers import DacConfig, DacModel

    config = DacConfig(encoder_hidden_size=8, decoder_hidden_size=64, downsampling_ratios=[2, 4, 4])
    return DacModel(config), torch.randn(2, 1, 3200)


@keeper("transformers", "MambaModel")
def _() -> tuple[nn.Module, Any]:
    from transformers import MambaConfig, MambaModel

    config = MambaConfig(vocab_size=100, hidden_size=32, num_hidden_layers=2, state_size=8)
    return MambaModel(config), torch.randint(0, 100, (2, 24))


@keeper("pytorch-tcn", "TCN")
def _() -> tuple[nn.Module, Any]:
    from pytorch_tcn import TCN

    return TCN(6, [16, 16, 16], kernel_size=3), torch.randn(2, 6, 100)


@keeper("pytorch-tcn", "TCN, batch, time, channels", time=1)
def _() -> tuple[nn.Module, Any]:
    from pytorch_tcn import TCN

    return TCN(6, [16, 16, 16], kernel_size=3, input_shape="NLC"), torch.randn(2, 100, 6)


def eeg(name: str, **more: Any) -> Callable[[], tuple[nn.Module, Any]]:
    """A model of braindecode for 22 electrodes and 1,000 samples."""

    def build() -> tuple[nn.Module, Any]:
        from braindecode import models

        facts = {"n_chans": 22, "n_outputs": 4, "n_times": 1000, "sfreq": 250}
        return getattr(models, name)(**{**facts, **more}), torch.randn(2, 22, 1000)

    return build


LONGER = {"EEGSimpleConv": {"even_kernel": "kernels of 8 with padding 4 make 321 steps of 320, in each block"}}
for its_name in ("ShallowFBCSPNet", "EEGNet", "EEGTCNet", "EEGSimpleConv", "SPARCNet", "BDTCN"):
    keeper("braindecode", its_name, notes=LONGER.get(its_name, {}))(eeg(its_name))


@keeper("encodec", "SEANetEncoder")
def _() -> tuple[nn.Module, Any]:
    from encodec.modules import SEANetEncoder

    return SEANetEncoder(dimension=32, n_filters=8, ratios=[4, 4, 2]), torch.randn(2, 1, 3200)


@keeper("encodec", "SEANetDecoder")
def _() -> tuple[nn.Module, Any]:
    from encodec.modules import SEANetDecoder

    return SEANetDecoder(dimension=32, n_filters=8, ratios=[4, 4, 2]), torch.randn(2, 32, 100)


@keeper("vocos", "VocosBackbone")
def _() -> tuple[nn.Module, Any]:
    from vocos.models import VocosBackbone

    return VocosBackbone(100, 48, 96, 3), torch.randn(2, 100, 60)


@keeper("snac", "SNAC")
def _() -> tuple[nn.Module, Any]:
    from snac import SNAC

    model = SNAC(
        encoder_dim=8,
        encoder_rates=[2, 4, 4],
        decoder_dim=64,
        decoder_rates=[4, 4, 2],
        attn_window_size=None,
        codebook_size=64,
        vq_strides=[4, 2, 1],
        noise=False,
    )
    return model, torch.randn(2, 1, 4096)


@keeper("conformer", "ConformerConvModule", time=1)
def _() -> tuple[nn.Module, Any]:
    from conformer import ConformerConvModule

    return ConformerConvModule(48, kernel_size=15), torch.randn(2, 80, 48)


@keeper("conformer", "Conformer", time=1)
def _() -> tuple[nn.Module, Any]:
    from conformer import Conformer

    return Conformer(48, depth=2, dim_head=16, heads=3, conv_kernel_size=15), torch.randn(2, 80, 48)


@keeper("speechbrain", "ECAPA_TDNN", time=1)
def _() -> tuple[nn.Module, Any]:
    from speechbrain.lobes.models.ECAPA_TDNN import ECAPA_TDNN

    model = ECAPA_TDNN(40, channels=[32, 32, 32, 32, 96], lin_neurons=24, attention_channels=16)
    return model, torch.randn(2, 100, 40)


@keeper("speechbrain", "Xvector", time=1)
def _() -> tuple[nn.Module, Any]:
    from speechbrain.lobes.models.Xvector import Xvector

    return Xvector(in_channels=40, tdnn_channels=[32, 32, 32, 32, 96], lin_neurons=24), torch.randn(2, 100, 40)


@keeper("speechbrain", "HifiganGenerator")
def _() -> tuple[nn.Module, Any]:
    from speechbrain.lobes.models.HifiGAN import HifiganGenerator

    model = HifiganGenerator(80, 1, "1", [[1, 3, 5]], [3], [8, 8], 32, [4, 4])
    return model, torch.randn(2, 80, 40)


@keeper("asteroid-filterbanks", "Encoder")
def _() -> tuple[nn.Module, Any]:
    from asteroid_filterbanks import Encoder, FreeFB

    return Encoder(FreeFB(32, 16, stride=8)), torch.randn(2, 1, 2000)


@keeper("asteroid", "SuDORMRFNet")
def _() -> tuple[nn.Module, Any]:
    from asteroid.models import SuDORMRFNet

    model = SuDORMRFNet(2, bn_chan=16, num_blocks=2, upsampling_depth=3, n_filters=32, in_chan=32)
    return model, torch.randn(2, 1, 4000)


@keeper("audio-encoders-pytorch", "AutoEncoder1d")
def _() -> tuple[nn.Module, Any]:
    from audio_encoders_pytorch import AutoEncoder1d

    model = AutoEncoder1d(
        in_channels=2, channels=8, multipliers=[1, 2, 2], factors=[4, 4], num_blocks=[1, 1], patch_size=1
    )
    return model, torch.randn(2, 2, 2048)


@keeper("demucs", "HTDemucs")
def _() -> tuple[nn.Module, Any]:
    from demucs.htdemucs import HTDemucs

    model = HTDemucs(["drums", "rest"], channels=8, nfft=1024, depth=3, t_layers=1, segment=1, samplerate=16384)
    return model, torch.randn(2, 2, 16384)


@keeper("denoiser", "Demucs")
def _() -> tuple[nn.Module, Any]:
    from denoiser.demucs import Demucs

    return Demucs(hidden=8, depth=4, resample=2), torch.randn(2, 1, 4000)


@keeper("nnAudio", "MelSpectrogram")
def _() -> tuple[nn.Module, Any]:
    from nnAudio.features import MelSpectrogram

    return MelSpectrogram(sr=16000, n_fft=512, n_mels=40, hop_length=128, verbose=False), torch.randn(2, 8000)


@keeper("julius", "ResampleFrac")
def _() -> tuple[nn.Module, Any]:
    from julius import ResampleFrac

    return ResampleFrac(4, 5), torch.randn(2, 1, 4000)


@keeper("auraloss", "FIRFilter")
def _() -> tuple[nn.Module, Any]:
    from auraloss.perceptual import FIRFilter

    return FIRFilter(), (torch.randn(2, 1, 4000), torch.randn(2, 1, 4000))
