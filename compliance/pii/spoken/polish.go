package spoken

func polish() *vocabulary {
	return &vocabulary{
		code: "pl", words: "aiouwz",
		numbers: map[int]string{
			0: "zero zera zerem", 1: "jeden jedna jedno jednego jednym jedną", 2: "dwa dwie dwóch dwu dwoma dwiema", 3: "trzy trzech trzema trójka trójkę",
			4: "cztery czterech czterema czwórka czwórkę", 5: "pięć pięciu pięcioma piątka piątkę", 6: "sześć sześciu szóstka szóstkę", 7: "siedem siedmiu siódemka siódemkę",
			8: "osiem ośmiu ósemka ósemkę", 9: "dziewięć dziewięciu dziewiątka dziewiątkę", 10: "dziesięć dziesięciu", 11: "jedenaście jedenastu",
			12: "dwanaście dwunastu", 13: "trzynaście trzynastu", 14: "czternaście czternastu", 15: "piętnaście piętnastu",
			16: "szesnaście szesnastu", 17: "siedemnaście siedemnastu", 18: "osiemnaście osiemnastu", 19: "dziewiętnaście dziewiętnastu",
			20: "dwadzieścia dwudziestu", 30: "trzydzieści trzydziestu", 40: "czterdzieści czterdziestu",
			50: "pięćdziesiąt pięćdziesięciu", 60: "sześćdziesiąt sześćdziesięciu", 70: "siedemdziesiąt siedemdziesięciu",
			80: "osiemdziesiąt osiemdziesięciu", 90: "dziewięćdziesiąt dziewięćdziesięciu", 100: "sto stu", 200: "dwieście dwustu",
			300: "trzysta trzystu", 400: "czterysta czterystu", 500: "pięćset pięciuset", 600: "sześćset sześciuset",
			700: "siedemset siedmiuset", 800: "osiemset ośmiuset", 900: "dziewięćset dziewięciuset",
		},
		letters: map[string]string{
			"y": "igrek", "z": "zet", "h": "ha", "k": "ka", "j": "jot", "w": "wu", "x": "iks", "s": "es", "l": "el", "m": "em", "n": "en",
			"f": "ef", "r": "er", "g": "gie", "b": "be", "c": "ce", "p": "pe", "q": "ku", "v": "fau", "d": "de", "t": "te", "ł": "eł",
		},
		alphabet: "adam barbara celina dorota ewa elżbieta franciszek filip genowefa grażyna halina henryk irena jadwiga karol karolina " +
			"leon łukasz marek maria natalia olga paweł piotr quiz roman ryszard stanisław stefan tadeusz tomasz urszula violetta " +
			"wacław wanda xawery ypsilon zygmunt zofia alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima " +
			"mike november oscar papa quebec romeo sierra tango uniform victor whisky yankee zulu",
		signs: map[string]string{
			"@": "małpa małpka małpą at", ".": "kropka kropką", "-": "myślnik minus kreska łącznik pauza",
			"_": "podkreślenie podkreślnik podłoga podkreślnikiem dolna_kreska", "+": "plus", "/": "ukośnik slash",
		},
		times: map[int]string{
			2: "podwójne podwójna podwójny podwójną dwa_razy dwukrotnie", 3: "potrójne potrójna potrójny trzy_razy trzykrotnie",
			4: "cztery_razy",
		},
		roles: map[role]string{
			roleThousand: "tysiąc tysiące tysięcy", roleAnd: "i",
			roleFiller: "yyy eee hm potem i_potem dalej i_dalej następnie przecinek spacja jeszcze_raz tak no to i_na_końcu znowu oraz",
			roleWrong: "nie przepraszam nie_przepraszam chwila nie_chwila pomyłka sorry znaczy to_znaczy nie_wróć wróć poprawka raczej nie_zaraz " +
				"nie_nie zaraz źle",
			roleNot:   "nie a_nie zamiast",
			roleAs:    "jak od",
			roleCase:  "duże duża wielka małe mała wielką małymi wielką_literą małą_literą małymi_literami wszystko_małymi wszystko_małą_literą",
			roleExtra: "wewnętrzny wewnętrznym",
			roleStop:  "to jest e mail email adres mój na i lub pod do mi proszę pisać wysłać dziękuję tak mailowy brzmi mojego poczta",
		},
	}
}
