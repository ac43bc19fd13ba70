#!/usr/bin/env python3
"""An administrator's day on the demonstration network: told twice on one network, in both languages."""
import unittest

import network_case
from network_case import TRUC, run


class Day(network_case.NetworkCase):
    def test_the_day_is_played_again_and_again(self):
        for language, shown in (("C.UTF-8", "Everything was as it has to be"), ("vi_VN.UTF-8", "Mọi việc đúng như phải thế")):
            told = run(TRUC, "demo", "story", "--admin", self.dir, LANG=language)
            self.assertEqual(told.returncode, 0, told.stdout + told.stderr)
            self.assertIn(shown, told.stdout)
            self.assertEqual(told.stdout.count("\n12. "), 1, told.stdout)


if __name__ == "__main__":
    unittest.main()
