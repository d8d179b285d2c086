"""Kinds of personal data of other countries that Presidio knows, with where their recognisers are.

The name of a kind, then its module and its class below ``country_specific``. They are imported only
when the configuration selects them. They have no need (``catalog.py``), so each of them reads every
text: some 5 to 30 microseconds for 200 characters.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from gateway.core.options import OptionError
from gateway.core.registry import did_you_mean

_TABLE = """
AU_ABN australia.au_abn_recognizer AuAbnRecognizer
AU_ACN australia.au_acn_recognizer AuAcnRecognizer
AU_MEDICARE australia.au_medicare_recognizer AuMedicareRecognizer
AU_TFN australia.au_tfn_recognizer AuTfnRecognizer
CA_POSTAL_CODE canada.ca_postal_code_recognizer CaPostalCodeRecognizer
CA_SIN canada.ca_sin_recognizer CaSinRecognizer
FI_PERSONAL_IDENTITY_CODE finland.fi_personal_identity_code_recognizer FiPersonalIdentityCodeRecognizer
DE_BSNR germany.de_bsnr_recognizer DeBsnrRecognizer
DE_FUEHRERSCHEIN germany.de_fuehrerschein_recognizer DeFuehrerscheinRecognizer
DE_HANDELSREGISTER germany.de_handelsregister_recognizer DeHandelsregisterRecognizer
DE_HEALTH_INSURANCE germany.de_health_insurance_recognizer DeHealthInsuranceRecognizer
DE_ID_CARD germany.de_id_card_recognizer DeIdCardRecognizer
DE_KFZ germany.de_kfz_recognizer DeKfzRecognizer
DE_LANR germany.de_lanr_recognizer DeLanrRecognizer
DE_PASSPORT germany.de_passport_recognizer DePassportRecognizer
DE_PLZ germany.de_plz_recognizer DePlzRecognizer
DE_SOCIAL_SECURITY germany.de_social_security_recognizer DeSocialSecurityRecognizer
DE_TAX_ID germany.de_tax_id_recognizer DeTaxIdRecognizer
DE_TAX_NUMBER germany.de_tax_number_recognizer DeTaxNumberRecognizer
DE_VAT_ID germany.de_vat_id_recognizer DeVatIdRecognizer
IN_AADHAAR india.in_aadhaar_recognizer InAadhaarRecognizer
IN_GSTIN india.in_gstin_recognizer InGstinRecognizer
IN_PAN india.in_pan_recognizer InPanRecognizer
IN_PASSPORT india.in_passport_recognizer InPassportRecognizer
IN_VEHICLE_REGISTRATION india.in_vehicle_registration_recognizer InVehicleRegistrationRecognizer
IN_VOTER india.in_voter_recognizer InVoterRecognizer
IT_DRIVER_LICENSE italy.it_driver_license_recognizer ItDriverLicenseRecognizer
IT_FISCAL_CODE italy.it_fiscal_code_recognizer ItFiscalCodeRecognizer
IT_IDENTITY_CARD italy.it_identity_card_recognizer ItIdentityCardRecognizer
IT_PASSPORT italy.it_passport_recognizer ItPassportRecognizer
IT_VAT_CODE italy.it_vat_code ItVatCodeRecognizer
KR_BRN korea.kr_brn_recognizer KrBrnRecognizer
KR_DRIVER_LICENSE korea.kr_driver_license_recognizer KrDriverLicenseRecognizer
KR_FRN korea.kr_frn_recognizer KrFrnRecognizer
KR_PASSPORT korea.kr_passport_recognizer KrPassportRecognizer
KR_RRN korea.kr_rrn_recognizer KrRrnRecognizer
NG_NIN nigeria.ng_nin_recognizer NgNinRecognizer
NG_VEHICLE_REGISTRATION nigeria.ng_vehicle_registration_recognizer NgVehicleRegistrationRecognizer
PH_PASSPORT philippines.ph_passport_recognizer PhPassportRecognizer
PH_TIN philippines.ph_tin_recognizer PhTinRecognizer
PH_UMID philippines.ph_umid_recognizer PhUmidRecognizer
PL_PESEL poland.pl_pesel_recognizer PlPeselRecognizer
SG_NRIC_FIN singapore.sg_fin_recognizer SgFinRecognizer
SG_UEN singapore.sg_uen_recognizer SgUenRecognizer
ZA_COMPANY_REGISTRATION south_africa.za_company_registration_recognizer ZaCompanyRegistrationRecognizer
ZA_DRIVER_LICENSE south_africa.za_driver_license_recognizer ZaDriverLicenseRecognizer
ZA_ID_NUMBER south_africa.za_id_number_recognizer ZaIdNumberRecognizer
ZA_INCOME_TAX_NUMBER south_africa.za_income_tax_number_recognizer ZaIncomeTaxNumberRecognizer
ZA_LICENSE_PLATE south_africa.za_license_plate_recognizer ZaLicensePlateRecognizer
ZA_PASSPORT south_africa.za_passport_recognizer ZaPassportRecognizer
ZA_MOBILE_NUMBER south_africa.za_phone_number_recognizer ZaMobileNumberRecognizer
ZA_TELEPHONE_NUMBER south_africa.za_phone_number_recognizer ZaTelephoneNumberRecognizer
ZA_TRAFFIC_REGISTER_NUMBER south_africa.za_traffic_register_number_recognizer ZaTrafficRegisterNumberRecognizer
ZA_VAT_NUMBER south_africa.za_vat_number_recognizer ZaVatNumberRecognizer
ES_NIE spain.es_nie_recognizer EsNieRecognizer
ES_NIF spain.es_nif_recognizer EsNifRecognizer
ES_PASSPORT spain.es_passport_recognizer EsPassportRecognizer
SE_ORGANISATIONSNUMMER sweden.se_organisationsnummer_recognizer SeOrganisationsnummerRecognizer
SE_PERSONNUMMER sweden.se_personnummer_recognizer SePersonnummerRecognizer
TH_TNIN thai.th_tnin_recognizer ThTninRecognizer
TR_LICENSE_PLATE turkey.tr_license_plate_recognizer TrLicensePlateRecognizer
TR_NATIONAL_ID turkey.tr_national_id_recognizer TrNationalIdRecognizer
"""  # noqa: E501 - a table

RECOGNIZERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        kind: (f"country_specific.{module}", name)
        for kind, module, name in (line.split() for line in _TABLE.strip().splitlines())
    }
)


def selected(wanted: Iterable[str]) -> list[str]:
    """The kinds that are named, ``DE_*`` standing for all of Germany.

    Raises OptionError for a name that stands for nothing.
    """
    kinds: dict[str, None] = {}
    for index, name in enumerate(wanted):
        if name.endswith("_*"):
            found = [kind for kind in RECOGNIZERS if kind.startswith(name[:-1])]
        else:
            found = [name] if name in RECOGNIZERS else []
        if not found:
            hint = did_you_mean(name, sorted(RECOGNIZERS))
            raise OptionError(f"unknown kind {name!r}{hint}", "extra_kinds", index)
        kinds |= dict.fromkeys(found)
    return list(kinds)
