"""Every known network by its name. A new one is a file beside this one and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from engine.zoo.alexnet import ALEXNET
from engine.zoo.architecture import Architecture
from engine.zoo.cifar_net import CIFAR_NET
from engine.zoo.efficientnet_lite import EFFICIENTNET_LITE0
from engine.zoo.googlenet import GOOGLENET
from engine.zoo.lenet5 import LENET_5
from engine.zoo.lenet1989 import LENET_1989
from engine.zoo.mobilenet import MOBILENET_V1
from engine.zoo.resnet import RESNET_18, RESNET_34, RESNET_50
from engine.zoo.squeezenet import SQUEEZENET_1_1
from engine.zoo.tiny_vgg import TINY_VGG
from engine.zoo.vgg import VGG_16, VGG_19

ARCHITECTURES: Mapping[str, Architecture] = {
    architecture.name: architecture
    for architecture in (
        LENET_1989,
        LENET_5,
        TINY_VGG,
        ALEXNET,
        VGG_16,
        VGG_19,
        GOOGLENET,
        RESNET_18,
        RESNET_34,
        RESNET_50,
        SQUEEZENET_1_1,
        MOBILENET_V1,
        EFFICIENTNET_LITE0,
        CIFAR_NET,
    )
}
