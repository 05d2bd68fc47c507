package spoken

func spanish() *vocabulary {
	return &vocabulary{
		code: "es", words: "aeouyà",
		numbers: map[int]string{
			0: "cero", 1: "uno un una", 2: "dos", 3: "tres", 4: "cuatro", 5: "cinco", 6: "seis", 7: "siete", 8: "ocho", 9: "nueve",
			10: "diez", 11: "once", 12: "doce", 13: "trece", 14: "catorce", 15: "quince", 16: "dieciséis", 17: "diecisiete",
			18: "dieciocho", 19: "diecinueve", 20: "veinte veinti", 21: "veintiuno veintiún veintiuna", 22: "veintidós", 23: "veintitrés",
			24: "veinticuatro", 25: "veinticinco", 26: "veintiséis", 27: "veintisiete", 28: "veintiocho", 29: "veintinueve",
			30: "treinta", 40: "cuarenta", 50: "cincuenta", 60: "sesenta", 70: "setenta", 80: "ochenta", 90: "noventa",
			100: "cien ciento", 200: "doscientos doscientas", 300: "trescientos trescientas", 400: "cuatrocientos cuatrocientas",
			500: "quinientos quinientas", 600: "seiscientos seiscientas", 700: "setecientos setecientas",
			800: "ochocientos ochocientas", 900: "novecientos novecientas",
		},
		letters: map[string]string{
			"y": "i_griega ye", "h": "hache", "j": "jota", "z": "zeta ceta", "v": "uve ve_corta", "w": "doble_uve uve_doble doble_ve doble_u",
			"ñ": "eñe", "x": "equis xray x_ray", "f": "efe", "l": "ele", "m": "eme", "n": "ene", "r": "erre", "q": "cu", "ll": "elle", "g": "ge",
			"b": "be be_larga", "c": "ce", "p": "pe", "k": "ka",
		},
		soft: map[string]string{
			"s": "ese", "t": "te", "d": "de", "r": "ere", "i": "i_latina", "v": "ve",
		},
		plurals:  map[int]string{0: "ceros", 1: "unos", 2: "doses", 3: "treses", 4: "cuatros", 5: "cincos", 6: "seises", 7: "sietes", 8: "ochos", 9: "nueves"},
		months:   "enero febrero marzo abril mayo junio julio agosto septiembre|setiembre octubre noviembre diciembre",
		ordinals: map[int]string{1: "primero primer", 2: "segundo", 3: "tercero"},
		alphabet: "antonio ana alicante barcelona casa burgos carmen cáceres chocolate dolores domingo enrique españa francia francisco gerona granada gema " +
			"historia huelva inés italia josé jaén kilo lorenzo lérida lugo madrid maría murcia navarra navidad ñoño oviedo parís " +
			"pamplona querido quijote ramón roma sábado sevilla sara tarragona toledo tomás ulises uruguay valencia washington xiquena " +
			"xilófono yegua yolanda zaragoza zamora alfa bravo charlie delta echo foxtrot golf hotel india juliett lima mike november " +
			"oscar papa quebec romeo sierra tango uniform victor whisky yankee zulu",
		signs: map[string]string{
			"@": "arroba at", ".": "punto", "-": "guion guión menos raya guion_medio guión_medio guion_normal", "_": "guion_bajo guión_bajo subrayado barra_baja underscore raya_baja raya_al_piso piso",
			"+": "más", "/": "barra",
		},
		times: map[int]string{
			2: "doble dos_veces dos_veces_el", 3: "triple tres_veces tres_veces_el", 4: "cuatro_veces cuatro_veces_el", 5: "cinco_veces cinco_veces_el", 6: "seis_veces seis_veces_el",
		},
		roles: map[role]string{
			roleHundred: "cientos cientas", roleThousand: "mil", roleAnd: "y",
			roleFiller: "eh este em pues luego y_luego después y_después y_a_continuación seguido_de coma espacio otra_vez otro sí el la vale bueno y_al_final",
			roleWrong: "no perdón no_perdón no_espere espere perdone disculpe corrijo quiero_decir digo no_digo mejor_dicho me_equivoqué error " +
				"no_disculpe lo_siento miento no_miento rectifico perdona disculpa ay_no no_no uy_no",
			roleNot:   "no y_no en_vez_de en_lugar_de",
			roleAs:    "de como",
			roleCase:  "mayúscula minúscula en_mayúscula en_mayúsculas en_minúscula en_minúsculas todo_en_minúsculas todo_minúsculas todo_junto",
			roleExtra: "extensión anexo interno",
			roleBut:   "sino",
			roleStop: "es email e mail correo electrónico dirección mi el la a en y o escribir me gracias sí al con está soy por favor " +
				"bueno pues sería mándelo envíelo hola buenas ok okay claro mire apunte anote",
		},
	}
}
