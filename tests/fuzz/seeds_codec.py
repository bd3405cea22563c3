#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_codec, into a folder."""
import proto_seeds

proto_seeds.main("Request", "Reply", "Memory")
