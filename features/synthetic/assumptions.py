"""What no published figure settles. Each is an assumption: change it here, and only here.

After a change run `pathways synth --check`: the figures that are published must still be met.
"""

# --- the authority ---------------------------------------------------------------------------------
LA_NUMBER = 399  # not in use by any authority; change freely
LAST_YEAR_STARTS = 2024  # the records end with 2024/25
EXTRACTED_ON = (2025, 8, 31)  # six weeks after the last day of term, so that the last July's windows close
EARLIER_YEARS = 1  # suspensions, roll and involvements reach this much further back than registers
DISTRICTS = (
    "Northgate", "Riverside", "Eastfield", "Westbrook", "Southmead", "Kingsmoor", "Millbank", "Highfield",
    "Parkside", "Canalside",
)  # fmt: skip
PHASE_SHARES = {"primary": 0.565, "secondary": 0.415, "special": 0.02}  # of pupils; LAIT roll, rounded
SHARE_NURSERY_CLASS = 0.5  # of primary schools
SHARE_SIXTH_FORM = 0.5  # of secondary schools
SHARE_STAY_ON = 0.6  # of Year 11 where there is a sixth form
SHARE_ACADEMY = {"primary": 0.45, "secondary": 0.75, "special": 0.4}
CONVERSIONS_PER_YEAR = 0.015  # of schools; one at least in five years
SD_SCHOOL_FSM = 0.55  # log-odds of eligibility between schools: 9 / 35 / 59 % at P5, P50 and P95
SD_DISTRICT_ETHNICITY, SD_SCHOOL_ETHNICITY = 0.7, 0.3  # log-odds of a major group

# --- children --------------------------------------------------------------------------------------
MINOR_SHARES = {  # of the published major group; minor groups of the city are not published
    "Asian": {"APKN": 0.61, "AIND": 0.13, "ABAN": 0.14, "AOTH": 0.11, "CHNE": 0.01},
    "White": {"WBRI": 0.84, "WOTH": 0.128, "WIRI": 0.015, "WROM": 0.014, "WIRT": 0.003},
    "Black": {"BAFR": 0.60, "BCRB": 0.22, "BOTH": 0.18},
    "Mixed": {"MWBC": 0.42, "MOTH": 0.29, "MWAS": 0.20, "MWBA": 0.09},
    "Other": {"OOTH": 1.0},
    "Unclassified": {"NOBT": 0.7, "REFU": 0.3},
}
IDACI_SHARES = {  # decile 1 (most deprived) to 10, by FSM: a deprived city; not published jointly
    False: (0.34, 0.17, 0.12, 0.10, 0.08, 0.06, 0.05, 0.04, 0.02, 0.02),
    True: (0.55, 0.19, 0.10, 0.06, 0.04, 0.03, 0.01, 0.01, 0.005, 0.005),
}
SEN_BEFORE_YEAR_1 = {-1: 0.5, 0: 0.85}  # of Year 1's share
ADVERSITY = {"base": 0.035, "fsm": 2.6, "sen": 1.9}  # share with lasting adversity, and its ratios
FSM_STARTS, FSM_STOPS = 0.02, 0.03  # a year
SHARE_RECORDED_LATE = 0.6  # of those newly with SEN in a year, recorded one or two terms into it

# --- engagement: unseen, but attendance shows it ------------------------------------------------------
STANDING = 0.5  # share of the variance of engagement that is the child's own and does not move
PERSISTENCE = 0.75  # correlation of the rest from one half-term to the next
DISENGAGEMENT_ON_ABSENCE = 0.85  # correlation of a year's disengagement with the absence score
ABSENCE_TRAIT = 0.35  # of health and habit, nothing to do with behaviour
SHIFT_ABSENCE_ADVERSITY = 0.55  # SD
# Sessions missed are drawn as spells; what observance, part-time timetables and study leave add, and what
# spells overrun, is taken off the budget. Found by --check, as are the log-odds of being unauthorised.
ABSENCE_BUDGET = 0.89
UNAUTHORISED_ODDS = {"primary": -0.6, "secondary": -0.7, "special": -1.1}
WITHIN_YEAR_ABSENCE = 0.7  # log-rate of absence a SD of engagement within the year
UNAUTHORISED_TILT = 0.9  # log-odds of an absence being unauthorised a SD of disengagement
LATE_TILT = 0.9  # log-rate of lateness a SD of disengagement

# --- from incident to exclusion -----------------------------------------------------------------------
EFFECT_DISENGAGEMENT = 0.9  # log-rate at which difficulty begins a SD
EFFECT_DISENGAGEMENT_PERMANENT = 0.5  # log-probability of a permanent answer a SD
EFFECT_ADVERSITY = {"suspension": 2.2, "permanent": 3.0}  # rate ratio; Timpson adjusted 2.3 to 3.5
# Difficulty: incidents a year at its three levels, and the share of spells at each. Chosen to give the
# published distribution of suspensions a suspended pupil; how long a spell lasts is not published.
INCIDENTS_IN_DIFFICULTY = (0.3, 2.3, 7.6)
LEVELS_OF_DIFFICULTY = {
    "primary": (0.79, 0.175, 0.035),
    "secondary": (0.82, 0.155, 0.025),
    "special": (0.76, 0.195, 0.045),
}
END_OF_DIFFICULTY = 0.09  # a half-term
MOST_FINAL = 0.4  # of an incident being answered for good
MADE_UP_FOR = {  # events lost to overlap, moves and those already excluded; found by --check
    "suspension": {"primary": 1.24, "secondary": 1.08, "special": 1.13},
    "permanent": {"primary": 1.65, "secondary": 1.27, "special": 1.35},
}
SHARE_ONE_OFF = 0.2  # of permanent exclusions for one grave incident, whatever came before
SD_SEVERITY = {"primary": 1.1, "secondary": 0.85, "special": 0.5}  # log-rate of suspension between schools
SEVERITY_WITH_FSM = 0.35  # correlation with a school's deprivation; rates correlate by 0.54 (published)
SD_SEVERITY_PERMANENT = 0.6  # log-rate of permanent exclusion
SEVERITY_AGREEMENT = 0.7  # correlation of the two
SHARE_ODD_SESSIONS = 0.08  # of suspensions end at midday
LUNCHTIME_PER_SUSPENSION = {"primary": 0.25, "secondary": 0.01, "special": 0.02}
OUTCOME_SHARES = {  # of permanent exclusions issued (one city's live notifications: 90 of 307 did not stand)
    "upheld": 0.77, "withdrawn": 0.14, "reinstated": 0.05, "quashed": 0.01, "cancelled": 0.03,
}  # fmt: skip
SHARE_SECOND_REASON, SHARE_THIRD_REASON = 0.35, 0.25  # of suspensions; of those with a second
SHARE_AMENDED = 0.02  # of suspensions have a second version with another length
SHARE_SCHOOLS_UNDER_NOTIFYING, SHARE_NOT_NOTIFIED = 0.04, 0.2

# --- moves, a year --------------------------------------------------------------------------------------
LEAVE_AUTHORITY = 0.03
MOVE_SCHOOL = {"primary": 0.03, "secondary": 0.018, "special": 0.01}
HOME_EDUCATION = {"primary": 0.003, "secondary": 0.007, "special": 0.002}
DESTINATION_UNKNOWN = 0.002
MANAGED_MOVE = {"primary": 0.0003, "secondary": 0.003, "special": 0.0}
OFF_SITE_DIRECTION = {"primary": 0.001, "secondary": 0.006, "special": 0.0}  # dual registration
CUSTODY, DECEASED = 0.0003, 0.00005
MOVE_TILT = 0.6  # log-rate a SD of disengagement, for all but leaving the authority
REINTEGRATION = 0.45  # of those permanently excluded before Year 10, in the September after

# --- registers ------------------------------------------------------------------------------------------
PART_TIME_TIMETABLE, PART_TIME_DAYS = 0.006, 30  # pupils a year; school days
NUM_INSET_DAYS = 4  # a school a year, besides the first day of term
SHARE_STUDY_LEAVE = 0.15  # of secondary schools, Year 11 from mid-May
EIDS = (  # both Eids that may fall on a school day (astronomical dates)
    "2018-08-21", "2019-06-04", "2020-05-24", "2021-05-13", "2021-07-20", "2022-05-02", "2022-07-09",
    "2023-04-21", "2023-06-28", "2024-04-10", "2024-06-17", "2025-03-31", "2025-06-06", "2026-03-20", "2026-05-27",
    "2027-03-10", "2027-05-17",
)  # fmt: skip
SHARE_EID = {"APKN": 0.9, "ABAN": 0.9, "BAFR": 0.5, "AOTH": 0.5, "OOTH": 0.5}

# --- services, starts a year ----------------------------------------------------------------------------
SERVICES = {  # kind: (rate with adversity, rate without, mean days, log-rate a SD of disengagement, from year)
    "cin": (0.55, 0.007, 260, 0.2, -1),
    "early_help": (0.20, 0.012, 200, 0.4, -1),
    "young_carer": (0.02, 0.002, 500, 0.0, 2),
    "youth_justice": (0.03, 0.002, 220, 0.9, 7),
    "s19_medical": (0.004, 0.001, 120, 0.6, 2),
    "mhst": (0.06, 0.015, 90, 0.3, 1),
}
SHARE_CPP, SHARE_CLA = 0.22, 0.12  # of child-in-need spells
RECORDED_AFTER_DAYS = 9  # mean days from an involvement's start to its record
MEAN_DAYS_CLA = 900
SHARE_SUPPORTED, SHARE_OBJECTION, SHARE_RESTRICTED = 0.004, 0.0005, 0.0015

# --- what changed in 2026, with the switch law_2026: no published figure settles how many ---------------
FAMILY_HELP_ON = (2026, 1, 5)  # go-live of authorities lies between October 2025 and 2026
MOVES_INSIDE_ON = (2026, 1, 29)  # the day of policy
SHARE_MOVES_INSIDE = 0.4  # of secondary schools
SHORT_SESSIONS, SHARE_ANSWERED_INSIDE = (
    6,
    0.7,
)  # suspensions of up to three days; of those at a school that moved
INSIDE_PER_SUSPENSION = (
    0.8  # internal suspensions beside each suspension in ordinary times: the two rise together
)
SHARE_RECORDS_INSIDE_LATE, RECORDS_INSIDE_LATE_FROM = 0.25, (2025, 9, 1)
SHARE_EXPANDED = 0.11  # of those not targeted: about half a million children of England's, by the expansion
SHARE_PROTECTION_ENDS = 0.08  # of those eligible before
SHARE_WITHOUT_CATEGORY = 0.05  # of schools
SHARE_NEW_ETHNICITY, SHARE_BRITISH = 0.3, 0.4  # of schools; of children of an Asian or Black group there
SHARE_NEW_REASONS = 0.3  # of schools
SEPARATIONS = 0.0006  # of pupils a year
BELOW_EXPECTED, SHARE_ABSENT = (
    -0.6,
    0.01,
)  # a score of skill below which a standard is not met; of a year group

# --- switches -------------------------------------------------------------------------------------------
LATE_FEED_DAYS = (20, 45)  # school days before the end on which a late school's registers stop
LEAK_DAYS = 320  # before its outcome, a pupil's tell-tale involvement begins
LEAK_KIND = "ap_placement"
