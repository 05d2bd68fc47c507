package spoken

func french() *vocabulary {
	return &vocabulary{
		code: "fr", words: "ayà", vigesimal: true, zero: true,
		numbers: map[int]string{
			0: "zéro", 1: "un une", 2: "deux", 3: "trois", 4: "quatre", 5: "cinq", 6: "six", 7: "sept", 8: "huit", 9: "neuf",
			10: "dix", 11: "onze", 12: "douze", 13: "treize", 14: "quatorze", 15: "quinze", 16: "seize",
			20: "vingt vingts", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 70: "septante",
			80: "huitante octante", 90: "nonante",
		},
		letters: map[string]string{
			"y": "i_grec", "w": "double_v double_vé", "z": "zède", "h": "ache", "c": "cé", "g": "gé", "é": "é_accent_aigu e_accent_aigu",
			"è": "e_accent_grave", "ç": "c_cédille", "x": "ixe xray x_ray", "ë": "e_tréma",
		},
		plurals:  map[int]string{0: "zéros"},
		months:   "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
		ordinals: map[int]string{1: "premier première 1er"},
		alphabet: "anatole berthe bernard sophie simon robert richard julie émile hélène lucien victoire zoé célestin désiré eugène françois gaston henri irma joseph kléber louis marcel nicolas oscar " +
			"pierre quintal raoul suzanne thérèse ursule victor william xavier yvonne zoé alpha bravo charlie delta écho " +
			"foxtrot golf hôtel india juliette kilo lima mike novembre papa québec roméo sierra tango uniforme whisky yankee zoulou",
		signs: map[string]string{
			"@": "arobase arrobase arobas at a_commercial", ".": "point dot", "-": "tiret trait_d'union moins tiret_du_6 tiret_du_six tiret_du_milieu tiret_normal tiret_court petit_tiret tiret_haut",
			"_": "underscore tiret_bas tiret_du_bas tiret_en_bas barre_basse souligné tiret_du_8 tiret_du_huit", "+": "plus", "/": "slash barre_oblique",
		},
		times: map[int]string{2: "double deux_fois deux_fois_le", 3: "triple trois_fois trois_fois_le", 4: "quatre_fois quatre_fois_le", 5: "cinq_fois cinq_fois_le", 6: "six_fois six_fois_le"},
		roles: map[role]string{
			roleHundred: "cent cents", roleThousand: "mille", roleAnd: "et",
			roleFiller: "euh heu clé puis et_puis ensuite après et_après suivi_de virgule espace encore et_encore oui le les alors voilà parenthèse",
			roleWrong: "non non_pardon pardon attendez non_attendez je_me_trompe excusez_moi désolé désolée non_désolé plutôt je_veux_dire " +
				"erreur non_excusez_moi correction attends non_attends ah_non euh_non oups je_rectifie je_corrige c'est_faux enfin",
			roleNot:   "pas et_pas au_lieu_de non_pas",
			roleAs:    "comme de",
			roleCase:  "majuscule minuscule en_majuscule en_minuscules tout_en_minuscules tout_en_minuscule tout_attaché tout_collé en_minuscule",
			roleExtra: "poste extension",
			roleBut:   "mais",
			roleStop: "est c'est c c' email mail e mél courriel adresse mon ma le la l à et ou suis sur me écrire merci oui alors voici " +
				"électronique s d j bonjour allô d'accord voilà non bien",
		},
	}
}
