package spoken

func polish() *vocabulary {
	return &vocabulary{
		code: "pl", words: "aiouwz",
		numbers: map[int]string{
			0: "zero zerem", 1: "jeden jedna jedno jednego jednym jedną", 2: "dwa dwie dwóch dwu dwoma dwiema", 3: "trzy trzech trzema trójka trójkę",
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
			"y": "igrek", "z": "zet", "h": "ha", "k": "ka", "j": "jot", "w": "wu", "x": "iks xray x_ray", "s": "es", "l": "el", "m": "em", "n": "en",
			"f": "ef", "r": "er", "g": "gie", "b": "be", "c": "ce", "p": "pe", "q": "ku", "v": "fau", "d": "de", "t": "te", "ł": "eł",
		},
		plurals: map[int]string{0: "zera zer", 1: "jedynki jedynek", 2: "dwójki dwójek", 3: "trójki trójek", 4: "czwórki czwórek", 5: "piątki piątek", 6: "szóstki szóstek", 7: "siódemki siódemek", 8: "ósemki ósemek", 9: "dziewiątki dziewiątek"},
		months: "styczeń|stycznia|styczniu luty|lutego|lutym marzec|marca|marcu kwiecień|kwietnia|kwietniu maj|maja|maju czerwiec|czerwca|czerwcu " +
			"lipiec|lipca|lipcu sierpień|sierpnia|sierpniu wrzesień|września|wrześniu październik|października|październiku listopad|listopada|listopadzie grudzień|grudnia|grudniu",
		dated: polishOrdinals,
		alphabet: "adam barbara celina dorota ewa elżbieta franciszek filip genowefa grażyna halina henryk irena jadwiga karol karolina " +
			"leon łukasz marek maria natalia olga paweł piotr quiz roman ryszard stanisław stefan tadeusz tomasz urszula violetta " +
			"wacław wanda xawery ypsilon zygmunt zofia alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima " +
			"mike november oscar papa quebec romeo sierra tango uniform victor whisky yankee zulu",
		signs: map[string]string{
			"@": "małpa małpka małpą at", ".": "kropka kropką", "-": "myślnik minus kreska pauza_krótka kreseczka łącznik pauza",
			"_": "podkreślenie dolny_myślnik kreska_dolna podkreślona podkreślnik podłoga podkreślnikiem dolna_kreska", "+": "plus", "/": "ukośnik slash",
		},
		times: map[int]string{
			2: "podwójne podwójna podwójny podwójną podwójnie dwa_razy dwukrotnie", 3: "potrójne potrójna potrójny trzy_razy trzykrotnie",
			4: "cztery_razy czterokrotnie", 5: "pięć_razy", 6: "sześć_razy",
		},
		roles: map[role]string{
			roleThousand: "tysiąc tysiące tysięcy", roleAnd: "i",
			roleFiller: "yyy eee hm potem i_potem a_potem a_dalej dalej i_dalej następnie przecinek spacja jeszcze_raz tak no to i_na_końcu znowu oraz",
			roleWrong: "nie przepraszam nie_przepraszam chwila nie_chwila pomyłka sorry znaczy to_znaczy nie_wróć wróć poprawka raczej nie_zaraz " +
				"nie_nie zaraz źle oj_nie ojej nie_tak momencik moment pardon źle_powiedziałem źle_powiedziałam pomyliłem_się pomyliłam_się",
			roleNot:   "nie a_nie zamiast",
			roleAs:    "jak od",
			roleCase:  "duże duża wielka małe mała wielką małymi wielką_literą małą_literą małymi_literami wszystko_małymi wszystko_małą_literą",
			roleExtra: "wewnętrzny wewnętrznym",
			roleBut:   "tylko lecz ale",
			roleStop:  "to jest e mail email adres mój na i lub pod do mi proszę pisać wysłać dziękuję tak mailowy brzmi mojego poczta halo dzień dobry okej no",
		},
	}
}

// polishOrdinals writes first to nineteenth and the tens, in the forms that
// dates have. Years end in them too: "osiemdziesiąty ósmy".
func polishOrdinals(add func(string, int)) {
	hard := map[int]string{
		1: "pierwsz", 4: "czwart", 5: "piąt", 6: "szóst", 7: "siódm", 8: "ósm", 9: "dziewiąt", 10: "dziesiąt", 11: "jedenast", 12: "dwunast", 13: "trzynast",
		14: "czternast", 15: "piętnast", 16: "szesnast", 17: "siedemnast", 18: "osiemnast", 19: "dziewiętnast", 20: "dwudziest", 30: "trzydziest",
		40: "czterdziest", 50: "pięćdziesiąt", 60: "sześćdziesiąt", 70: "siedemdziesiąt", 80: "osiemdziesiąt", 90: "dziewięćdziesiąt", 2000: "dwutysięczn",
	}
	for n, stem := range hard {
		for _, ending := range [...]string{"y", "ego", "ym", "emu"} {
			add(stem+ending, n)
		}
	}
	for n, stem := range map[int]string{2: "drug", 3: "trzec"} {
		for _, ending := range [...]string{"i", "iego", "im", "iemu"} {
			add(stem+ending, n)
		}
	}
}
