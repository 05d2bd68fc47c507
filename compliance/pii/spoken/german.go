package spoken

func german() *vocabulary {
	return &vocabulary{
		code: "de", inverted: true, zero: true, thousand: []string{"tausend"}, and: "und",
		numbers: map[int]string{
			0: "null", 1: "eins ein eine einen", 2: "zwei zwo", 3: "drei", 4: "vier", 5: "fünf", 6: "sechs", 7: "sieben",
			8: "acht", 9: "neun", 10: "zehn", 11: "elf", 12: "zwölf", 13: "dreizehn", 14: "vierzehn", 15: "fünfzehn",
			16: "sechzehn", 17: "siebzehn", 18: "achtzehn", 19: "neunzehn", 20: "zwanzig", 30: "dreißig", 40: "vierzig",
			50: "fünfzig", 60: "sechzig", 70: "siebzig", 80: "achtzig", 90: "neunzig",
		},
		letters: map[string]string{
			"y": "ypsilon üpsilon", "j": "jot jott", "v": "vau fau", "z": "zett zet", "ß": "eszett scharfes_s",
			"w": "weh", "h": "hah", "q": "kuh", "x": "ix xray x_ray", "ä": "a_umlaut", "ö": "o_umlaut", "ü": "u_umlaut",
			"sch": "sch schule", "ch": "ch",
		},
		plurals: map[int]string{0: "nullen", 1: "einsen", 2: "zweien zweier", 3: "dreien dreier", 4: "vierer", 5: "fünfer", 6: "sechser", 7: "siebener siebenen", 9: "neuner"},
		months:  "januar|jänner|jan februar|feber|feb märz april mai juni|juno juli|julei august september|sept oktober|okt november|nov dezember|dez",
		dated:   germanOrdinals,
		alphabet: "anton ärger berta cäsar dora emil friedrich gustav heinrich ida karl emma julius kaufmann konrad ludwig martha marta " +
			"nordpol otto ökonom paula quelle richard samuel siegfried charlotte theodor ulrich übermut viktor wilhelm xanthippe xaver zacharias zeppelin " +
			"aachen berlin chemnitz cottbus düsseldorf essen frankfurt hamburg ingelheim jena köln leipzig münchen " +
			"nürnberg offenbach potsdam quickborn rostock salzwedel tübingen unna völklingen wuppertal xanten zwickau " +
			"alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec " +
			"romeo sierra tango uniform victor whiskey yankee zulu",
		signs: map[string]string{
			"@": "at ät ett klammeraffe affenschwanz at_zeichen", ".": "punkt dot", "-": "bindestrich minus strich",
			"_": "unterstrich underscore tiefstrich", "+": "plus", "/": "schrägstrich slash",
		},
		times: map[int]string{
			2: "doppel doppelte doppelt zweimal zwei_mal zweimal_die zwei_mal_die", 3: "dreifach dreimal drei_mal dreimal_die drei_mal_die",
			4: "viermal vier_mal viermal_die vier_mal_die", 5: "fünfmal fünf_mal fünfmal_die fünf_mal_die", 6: "sechsmal sechs_mal sechsmal_die sechs_mal_die",
		},
		roles: map[role]string{
			roleHundred: "hundert", roleThousand: "tausend", roleAnd: "und",
			roleFiller: "äh ähm hm dann und_dann danach gefolgt_von komma leerzeichen nochmal noch_mal und_nochmal okay ja also so die der " +
				"und_zwar weiter und_weiter klammer wieder",
			roleWrong: "nein nein_warten_sie nein_moment moment entschuldigung sorry quatsch korrektur falsch nein_falsch ich_meine nein_entschuldigung " +
				"halt nee ach_nein äh_nein verzeihung pardon warten_sie stopp vielmehr stimmt_nicht blödsinn ich_korrigiere nein_halt nein_stopp ach_quatsch nein_quatsch verlesen",
			roleNot:   "nicht statt anstatt",
			roleAs:    "wie für von",
			roleCase:  "groß großes großbuchstabe klein kleines kleinbuchstabe kleingeschrieben alles_klein alles_kleingeschrieben zusammengeschrieben zusammen_geschrieben alles_zusammen klein_zusammengeschrieben alles_klein_zusammengeschrieben großgeschrieben",
			roleExtra: "durchwahl nebenstelle apparat klappe",
			roleBut:   "sondern",
			roleStop: "ist lautet email mail e adresse mailadresse emailadresse meine mein die der das an unter auf bitte und oder es " +
				"mir ja schicken schreiben also wäre heißt sie hallo guten tag okay genau hier bitteschön gerne",
		},
		compound: germanCompounds,
	}
}

func germanCompounds(add func(string, int)) {
	units := [...]string{"", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"}
	tens := [...]string{"", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"}
	small := [100]string{
		1: "eins", 10: "zehn", 11: "elf", 12: "zwölf", 13: "dreizehn", 14: "vierzehn", 15: "fünfzehn",
		16: "sechzehn", 17: "siebzehn", 18: "achtzehn", 19: "neunzehn",
	}
	copy(small[2:], units[2:])
	for t := 2; t < 10; t++ {
		small[t*10] = tens[t]
		for u := 1; u < 10; u++ {
			small[t*10+u] = units[u] + "und" + tens[t]
			add(small[t*10+u], t*10+u)
		}
	}
	for t := 2; t < 10; t++ {
		add("zwound"+tens[t], t*10+2)
	}
	for n := 10; n < 100; n++ { // "neunzehnfünfundachtzig"
		add("neunzehn"+small[n], 1900+n)
		add("zwanzig"+small[n], 2000+n)
	}
	for h := 11; h < 20; h++ { // years
		add(small[h]+"hundert", h*100)
		for n := 1; n < 100; n++ {
			add(small[h]+"hundert"+small[n], h*100+n)
		}
	}
	for u := 1; u < 10; u++ {
		add("doppel"+small[u], u*11)
		add(units[u]+"hundert", u*100)
		for n := 1; n < 100; n++ {
			add(units[u]+"hundert"+small[n], u*100+n)
			add(units[u]+"hundertund"+small[n], u*100+n)
			if n == 1 {
				add(units[u]+"hundertein", u*100+1) // before "tausend"
			}
			if u == 1 {
				add("hundertein", 101)
				add("hundert"+small[n], 100+n)
				add("hundertund"+small[n], 100+n)
			}
		}
	}
}

// germanOrdinals writes first to thirty-first with their endings.
func germanOrdinals(add func(string, int)) {
	stems := [32]string{
		1: "erst", 2: "zweit", 3: "dritt", 4: "viert", 5: "fünft", 6: "sechst", 7: "siebt", 8: "acht", 9: "neunt", 10: "zehnt", 11: "elft", 12: "zwölft",
		13: "dreizehnt", 14: "vierzehnt", 15: "fünfzehnt", 16: "sechzehnt", 17: "siebzehnt", 18: "achtzehnt", 19: "neunzehnt", 20: "zwanzigst", 30: "dreißigst",
	}
	units := [...]string{"", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"}
	for u := 1; u < 10; u++ {
		stems[20+u] = units[u] + "undzwanzigst"
	}
	stems[31] = "einunddreißigst"
	for n, stem := range stems {
		for _, ending := range [...]string{"e", "en", "er", "em", "es"} {
			if stem != "" {
				add(stem+ending, n)
			}
		}
	}
	for _, ending := range [...]string{"e", "en", "er"} {
		add("siebent"+ending, 7)
		add("zwot"+ending, 2)
	}
}
