package spoken

func english() *vocabulary {
	return &vocabulary{
		code: "en", words: "ai", zero: true,
		numbers: map[int]string{
			0: "zero oh nought naught nil", 1: "one", 2: "two", 3: "three", 4: "four", 5: "five fife", 6: "six",
			7: "seven", 8: "eight", 9: "nine niner", 10: "ten", 11: "eleven", 12: "twelve", 13: "thirteen",
			14: "fourteen", 15: "fifteen", 16: "sixteen", 17: "seventeen", 18: "eighteen", 19: "nineteen",
			20: "twenty", 30: "thirty", 40: "forty fourty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty",
			90: "ninety",
		},
		letters: map[string]string{
			"h": "aitch haitch", "z": "zed zee", "w": "double_u double_you", "c": "cee", "d": "dee", "f": "eff",
			"g": "gee", "s": "ess", "t": "tee", "v": "vee", "l": "ell", "q": "cue", "x": "xray x_ray ecks",
			"a": "alpha alfa", "j": "juliett juliet",
		},
		plurals: map[int]string{
			0: "zeros zeroes ohs noughts nils", 1: "ones", 2: "twos", 3: "threes", 4: "fours", 5: "fives", 6: "sixes", 7: "sevens", 8: "eights", 9: "nines",
		},
		months: "january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sept|sep october|oct november|nov december|dec",
		ordinals: map[int]string{
			1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth", 9: "ninth", 10: "tenth", 11: "eleventh",
			12: "twelfth", 13: "thirteenth", 14: "fourteenth", 15: "fifteenth", 16: "sixteenth", 17: "seventeenth", 18: "eighteenth", 19: "nineteenth",
			20: "twentieth", 30: "thirtieth",
		},
		soft: map[string]string{"q": "queue kew", "y": "why", "u": "you", "c": "see", "r": "are ar", "b": "bee", "p": "pee", "e": "ee", "m": "em", "n": "en", "x": "ex", "o": "owe"},
		alphabet: "bravo charlie delta echo foxtrot golf hotel india jay kay kilo lima mike november oscar papa quebec romeo sierra " +
			"tango uniform victor whiskey whisky yankee zulu apple able baker dog easy george harry king nancy " +
			"peter queen roger sugar tommy william zebra",
		signs: map[string]string{
			"@": "at at_sign", ".": "dot period full_stop point", "-": "dash hyphen minus", "_": "underscore under_score underline",
			"+": "plus", "/": "slash forward_slash stroke",
		},
		times: map[int]string{
			2: "double twice two_times", 3: "triple treble three_times", 4: "quadruple four_times", 5: "five_times", 6: "six_times",
		},
		roles: map[role]string{
			roleHundred: "hundred", roleThousand: "thousand", roleAnd: "and",
			roleFiller: "um uh er erm hmm then and_then after_that followed_by next comma space okay ok yeah yes so well the that's " +
				"and_finally finally again and_again brackets bracket in_brackets you_know like",
			roleWrong: "no no_wait wait sorry no_sorry oh_no oops correction i_mean no_actually actually rather scratch_that make_that let_me_correct " +
				"no_hang_on hang_on hold_on no_that's_wrong that's_wrong my_mistake strike_that no_make_that pardon excuse_me wrong",
			roleNot:   "not instead_of",
			roleAs:    "as_in for like as",
			roleCase:  "capital uppercase upper_case lowercase lower_case small all_lowercase all_lower_case all_one_word big",
			roleExtra: "extension ext",
			roleBut:   "but it's its",
			roleStop: "is it's it its email mail e address my the s that's that be to me under at on and or send you can reach " +
				"mine use uh um well yes sure so of course contact write for account login hello hi hey okay ok right please thanks that'd here",
		},
	}
}
