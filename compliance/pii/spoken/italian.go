package spoken

func italian() *vocabulary {
	return &vocabulary{
		code: "it", words: "aeioàè", thousand: []string{"mila", "mille"},
		numbers: map[int]string{
			0: "zero", 1: "uno un una", 2: "due", 3: "tre", 4: "quattro", 5: "cinque", 6: "sei", 7: "sette", 8: "otto", 9: "nove",
			10: "dieci", 11: "undici", 12: "dodici", 13: "tredici", 14: "quattordici", 15: "quindici", 16: "sedici",
			17: "diciassette", 18: "diciotto", 19: "diciannove", 20: "venti", 30: "trenta", 40: "quaranta", 50: "cinquanta",
			60: "sessanta", 70: "settanta", 80: "ottanta", 90: "novanta", 100: "cento",
		},
		letters: map[string]string{
			"h": "acca", "j": "i_lunga", "y": "ipsilon i_greca", "v": "vu", "w": "doppia_vu vu_doppia doppio_vu", "z": "zeta", "k": "kappa",
			"f": "effe", "g": "gi", "l": "elle", "m": "emme", "n": "enne", "r": "erre", "s": "esse", "b": "bi", "q": "cu", "x": "ics xray x_ray",
			"p": "pi",
		},
		soft:     map[string]string{"t": "ti", "d": "di", "c": "ci"},
		plurals:  map[int]string{0: "zeri"},
		months:   "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
		ordinals: map[int]string{1: "primo", 2: "secondo", 3: "terzo"},
		alphabet: " ancona bologna bari como catania domodossola empoli firenze genova hotel imola jolly jersey kursaal livorno milano " +
			"napoli otranto padova palermo pisa quarto quadro roma savona salerno sassari torino taranto udine venezia washington " +
			"xilofono xeres york yacht zara alfa bravo charlie delta echo foxtrot golf india juliett kilo lima mike november oscar " +
			"papa quebec romeo sierra tango uniform victor whisky yankee zulu",
		signs: map[string]string{
			"@": "chiocciola chiocciolina at", ".": "punto", "-": "trattino meno lineetta trattino_medio trattino_normale",
			"_": "trattino_basso underscore sottolineato lineetta_bassa barra_bassa trattino_in_basso", "+": "più", "/": "barra slash",
		},
		times: map[int]string{
			2: "doppio doppia due_volte due_volte_il due_volte_lo", 3: "triplo tripla tre_volte tre_volte_il tre_volte_lo",
			4: "quattro_volte quattro_volte_il quattro_volte_lo", 5: "cinque_volte cinque_volte_il cinque_volte_lo", 6: "sei_volte sei_volte_il sei_volte_lo",
		},
		roles: map[role]string{
			roleThousand: "mila", roleAnd: "e",
			roleFiller: "ehm eh allora poi e_poi dopo e_dopo quindi seguito_da virgola spazio ancora e_ancora sì il lo la bene e_infine dunque",
			roleWrong: "no anzi no_anzi no_aspetti aspetti scusi no_scusi mi_scusi pardon mi_correggo volevo_dire voglio_dire errore ho_sbagliato " +
				"no_mi_scusi correzione scusa no_scusa rettifico no_no ops ah_no eh_no sbagliato no_pardon",
			roleNot:   "non e_non invece_di",
			roleAs:    "come di",
			roleCase:  "maiuscola minuscola maiuscolo minuscolo tutto_minuscolo tutto_attaccato tutto_unito in_minuscolo",
			roleExtra: "interno",
			roleBut:   "ma bensì",
			roleStop: "è email e mail posta elettronica indirizzo il mio la mia a in di o scrivere mi grazie sì al con sono per favore " +
				"allora sarebbe l ciao buongiorno pronto guardi dunque ok okay ecco bene",
		},
		compound: italianCompounds,
	}
}

func italianCompounds(add func(string, int)) {
	units := [...]string{"", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove"}
	tens := [...]string{"", "", "venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta"}
	small := [100]string{
		10: "dieci", 11: "undici", 12: "dodici", 13: "tredici", 14: "quattordici", 15: "quindici", 16: "sedici",
		17: "diciassette", 18: "diciotto", 19: "diciannove",
	}
	copy(small[:], units[:])
	for t := 2; t < 10; t++ {
		small[t*10] = tens[t]
		for u := 1; u < 10; u++ {
			ten, unit := tens[t], units[u]
			if u == 1 || u == 8 {
				ten = ten[:len(ten)-1] // trentuno
			}
			if u == 3 {
				unit = "tré"
			}
			small[t*10+u] = ten + unit
			add(small[t*10+u], t*10+u)
			if u == 1 {
				add(ten+"un", t*10+1)
			}
		}
	}
	for u := 1; u < 10; u++ {
		hundred := units[u] + "cento"
		if u == 1 {
			hundred = "cento"
		}
		add(hundred, u*100)
		for n := 1; n < 100; n++ {
			add(hundred+small[n], u*100+n)
			if n == 3 {
				add(hundred+"tré", u*100+n)
			}
			if n == 8 || n/10 == 8 || n == 11 {
				add(hundred[:len(hundred)-1]+small[n], u*100+n) // centotto
			}
		}
	}
	add("mille", 1000)
}
