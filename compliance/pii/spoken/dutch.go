package spoken

func dutch() *vocabulary {
	return &vocabulary{
		code: "nl", words: "u", inverted: true, zero: true, thousand: []string{"duizend"},
		numbers: map[int]string{
			0: "nul", 1: "een één", 2: "twee", 3: "drie", 4: "vier", 5: "vijf", 6: "zes", 7: "zeven zeuven", 8: "acht", 9: "negen",
			10: "tien", 11: "elf", 12: "twaalf", 13: "dertien", 14: "veertien", 15: "vijftien", 16: "zestien", 17: "zeventien",
			18: "achttien", 19: "negentien", 20: "twintig", 30: "dertig", 40: "veertig", 50: "vijftig", 60: "zestig", 70: "zeventig",
			80: "tachtig", 90: "negentig",
		},
		letters: map[string]string{
			"y": "griekse_ij ypsilon griekse_y", "ij": "ij lange_ij", "z": "zet", "w": "wee", "h": "haa", "x": "iks xray x_ray", "v": "vee",
		},
		soft:    map[string]string{"e": "ee", "d": "dee", "t": "tee", "k": "kaa", "p": "pee", "g": "gee", "c": "cee", "b": "bee", "j": "jee", "f": "ef", "s": "es", "l": "el", "m": "em"},
		plurals: map[int]string{0: "nullen", 1: "enen", 2: "tweeën", 3: "drieën", 4: "vieren", 5: "vijven", 6: "zessen", 7: "zevens", 8: "achten", 9: "negens"},
		months:  "januari|jan februari|feb maart april mei juni juli augustus september|sept oktober|okt november|nov december|dec",
		dated:   dutchOrdinals,
		alphabet: "anton anna bernard bernhard cornelis dirk eduard ferdinand gerard hendrik izaak johan jan karel lodewijk maria " +
			"nico nicolaas otto pieter quirinus quotiënt richard rudolf simon theodoor utrecht victor willem xantippe ypsilon " +
			"zaandam zacharias alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa " +
			"quebec romeo sierra tango uniform whisky yankee zulu amsterdam breda delft",
		signs: map[string]string{
			"@": "at apenstaartje apestaartje apenstaart", ".": "punt dot", "-": "streepje koppelteken min minteken gewoon_streepje tussenstreepje",
			"_": "underscore laag_streepje liggend_streepje onderstreepje lage_streep lage_streepje onderstrepingsteken streepje_onder", "+": "plus", "/": "schuine_streep slash",
		},
		times: map[int]string{
			2: "dubbel dubbele twee_keer tweemaal twee_maal twee_keer_de", 3: "driedubbel drie_keer driemaal drie_maal drie_keer_de trippel",
			4: "vier_keer viermaal vier_keer_de vier_maal", 5: "vijf_keer vijfmaal vijf_keer_de vijf_maal", 6: "zes_keer zesmaal zes_keer_de zes_maal",
		},
		roles: map[role]string{
			roleHundred: "honderd", roleThousand: "duizend", roleAnd: "en ën",
			roleFiller: "eh uh euh ehm dan en_dan daarna en_daarna gevolgd_door komma spatie nog_een nogmaals ja de het dus even en_weer weer en_verder",
			roleWrong: "nee nee_wacht nee_sorry wacht sorry pardon correctie nee_ik_bedoel ik_bedoel fout nee_fout excuus excuseer oh_nee " +
				"nee_wacht_even wacht_even of_nee verkeerd nee_niet ho stop ik_vergis_me vergissing nee_hoor nee_pardon",
			roleNot:   "niet en_niet in_plaats_van",
			roleAs:    "van als zoals",
			roleCase:  "hoofdletter kleine_letter kleine_letters alles_klein allemaal_kleine_letters aan_elkaar aan_één_stuk allemaal_klein kleine",
			roleExtra: "toestel doorkiesnummer",
			roleBut:   "maar",
			roleStop: "is email e mail mailadres emailadres adres mijn het de aan op onder en of sturen naar mij dank ja graag bedankt dat u " +
				"mag kan alstublieft hallo hoi goedemiddag oké okay goed eens hier nou",
		},
		compound: dutchCompounds,
	}
}

func dutchCompounds(add func(string, int)) {
	units := [...]string{"", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"}
	tens := [...]string{"", "", "twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig"}
	small := [100]string{
		10: "tien", 11: "elf", 12: "twaalf", 13: "dertien", 14: "veertien", 15: "vijftien", 16: "zestien",
		17: "zeventien", 18: "achttien", 19: "negentien",
	}
	copy(small[:], units[:])
	for t := 2; t < 10; t++ {
		small[t*10] = tens[t]
		for u := 1; u < 10; u++ {
			and := "en"
			if u == 2 || u == 3 {
				and = "ën"
			}
			small[t*10+u] = units[u] + and + tens[t]
			add(small[t*10+u], t*10+u)
			if u == 1 { // as some recognisers write it
				add("éénen"+tens[t], t*10+u)
				add("éénën"+tens[t], t*10+u)
			}
		}
	}
	for n := 10; n < 100; n++ { // "negentienvijfentachtig"
		add("negentien"+small[n], 1900+n)
		add("twintig"+small[n], 2000+n)
	}
	for h := 1; h < 20; h++ {
		hundred := small[h] + "honderd"
		if h == 10 {
			continue
		}
		if h > 1 {
			add(hundred, h*100)
		} else {
			hundred = "honderd"
			add("eenhonderd", 100)
		}
		for n := 1; n < 100; n++ {
			add(hundred+small[n], h*100+n)
			if n < 13 {
				add(hundred+"en"+small[n], h*100+n)
			}
		}
	}
}

// dutchOrdinals writes first to thirty-first.
func dutchOrdinals(add func(string, int)) {
	for n, word := range [...]string{
		1: "eerste", 2: "tweede", 3: "derde", 4: "vierde", 5: "vijfde", 6: "zesde", 7: "zevende", 8: "achtste", 9: "negende", 10: "tiende", 11: "elfde",
		12: "twaalfde", 13: "dertiende", 14: "veertiende", 15: "vijftiende", 16: "zestiende", 17: "zeventiende", 18: "achttiende", 19: "negentiende",
		20: "twintigste", 21: "eenentwintigste", 22: "tweeëntwintigste", 23: "drieëntwintigste", 24: "vierentwintigste", 25: "vijfentwintigste",
		26: "zesentwintigste", 27: "zevenentwintigste", 28: "achtentwintigste", 29: "negenentwintigste", 30: "dertigste", 31: "eenendertigste",
	} {
		if word != "" {
			add(word, n)
		}
	}
}
