"""``script/bench``: our pages beside a bare floor on the same stack. No part of the product; see docs/bench.md."""
