#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_fact, into a folder."""
import proto_seeds

proto_seeds.main("Facts", "ProbeReport")
