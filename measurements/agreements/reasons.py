"""Why something may happen or may not: the closed set of the gate's reasons, each in plain words."""

from enum import StrEnum


class Reason(StrEnum):
    """The reason of a decision."""

    AGREED = "agreed"
    OUT_OF_SCOPE = "out_of_scope"
    READING_AGREED = "reading_agreed"
    READING_NOT_AGREED = "reading_not_agreed"
    MEMORANDUM_NOT_IN_FORCE = "memorandum_not_in_force"
    MEMORANDUM_ENDED = "memorandum_ended"
    EXTENSION_UNCONFIRMED = "extension_unconfirmed"
    NOTICE_AMBIGUOUS = "notice_ambiguous"
    NO_END = "no_end"
    ENDS_AFTER_MEMORANDUM = "ends_after_memorandum"
    NO_AGREEMENT = "no_agreement"
    ONLY_PRACTICE = "only_practice"
    NOT_SUBMITTED = "not_submitted"
    VOTES_MISSING = "votes_missing"
    CHANGES_REQUESTED = "changes_requested"
    DECLINED = "declined"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    OTHER_DIGEST = "other_digest"
    PUBLICITY_NOT_APPROVED = "publicity_not_approved"
    BEGINS_BEFORE_AGREEMENT = "begins_before_agreement"
    ENDS_AFTER_AGREEMENT = "ends_after_agreement"
    OTHER_TARGET = "other_target"
    OTHER_TYPE = "other_type"
    OTHER_ADDRESS_FAMILY = "other_address_family"
    OTHER_PARAMETERS = "other_parameters"
    TOO_OFTEN = "too_often"
    OTHER_PROBES = "other_probes"
    PROBES_UNKNOWN = "probes_unknown"
    TOO_MANY_PROBES = "too_many_probes"
    TOO_MANY_CREDITS = "too_many_credits"
    TOO_MANY_PACKETS = "too_many_packets"
    OTHER_PUBLICITY = "other_publicity"
    TERMS_NOT_ACCEPTED = "terms_not_accepted"
    TARGET_UNKNOWN = "target_unknown"
    OWNER_OPTED_OUT = "owner_opted_out"
    OWNER_NOT_ASKED = "owner_not_asked"
    OWNER_CONSENT_OVER = "owner_consent_over"
    ENDS_AFTER_OWNER_CONSENT = "ends_after_owner_consent"
    OWNER_NOT_NOTIFIED = "owner_not_notified"
    TYPE_NOT_ALLOWED_BY_OWNER = "type_not_allowed_by_owner"
    TARGET_NOT_PINNED = "target_not_pinned"
    TARGET_DRIFTED = "target_drifted"
    TARGET_NOT_REVIEWED = "target_not_reviewed"
    TOO_MANY_PACKETS_FOR_OWNER = "too_many_packets_for_owner"
    NETWORK_OPTED_OUT = "network_opted_out"
    CAMPAIGN_PAUSED = "campaign_paused"
    CAMPAIGN_STOPPED = "campaign_stopped"
    CAMPAIGN_CHANGED = "campaign_changed"
    CAMPAIGN_OVER_BUDGET = "campaign_over_budget"
    REQUEST_CANCELLED = "request_cancelled"
    OVER_BUDGET = "over_budget"
    TOO_MANY_AT_ONCE = "too_many_at_once"
    TOO_MANY_AT_TARGET = "too_many_at_target"
    TOO_MANY_PROBES_FOR_PLATFORM = "too_many_probes_for_platform"
    TOO_MANY_RESULTS_PER_DAY = "too_many_results_per_day"
    TOO_MANY_RESULTS_PER_SECOND = "too_many_results_per_second"
    TOO_MANY_CREDITS_PER_DAY = "too_many_credits_per_day"

    @property
    def explanation(self) -> str:
        """In plain words, and what to do about it."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    Reason.AGREED: "The three parties agreed to it, and nothing speaks against it now.",
    Reason.OUT_OF_SCOPE: "It is public, and nothing of it is collected from Tajikistan or its institutions.",
    Reason.READING_AGREED: "The three parties agreed that public results from Tajikistan may be read.",
    Reason.READING_NOT_AGREED: "It would be collected from Tajikistan or its institutions, and the three parties have "
    "not agreed that public results may be read.",
    Reason.MEMORANDUM_NOT_IN_FORCE: "The memorandum is not in force: the date of a party's signature is not known, or "
    "lies ahead.",
    Reason.MEMORANDUM_ENDED: "The memorandum has ended: a party gave notice in time.",
    Reason.EXTENSION_UNCONFIRMED: "The term is over, and no representative has confirmed that nobody gave notice.",
    Reason.NOTICE_AMBIGUOUS: "A notice was sent when the last day was over in one of the parties' zones and not in the "
    "other; a person has to rule whether it was in time.",
    Reason.NO_END: "It would never end; every measurement ends with its agreement or the memorandum's term.",
    Reason.ENDS_AFTER_MEMORANDUM: "It would run for longer than the memorandum's term.",
    Reason.NO_AGREEMENT: "It cites no agreement; all activities are agreed in advance.",
    Reason.ONLY_PRACTICE: "It was agreed on for practice, by demonstration representatives who speak for nobody; only "
    "a rehearsal is asked to measure it.",
    Reason.NOT_SUBMITTED: "The agreement was not submitted to the parties yet.",
    Reason.VOTES_MISSING: "Not all three parties have approved the agreement, by whoever represented it.",
    Reason.CHANGES_REQUESTED: "A party asked for changes; a new version has to be submitted.",
    Reason.DECLINED: "A party declined. It need not say why.",
    Reason.SUSPENDED: "The agreement is suspended for now.",
    Reason.WITHDRAWN: "A party has withdrawn. It need not say why.",
    Reason.EXPIRED: "The agreement's time is over.",
    Reason.SUPERSEDED: "It cites an older version of the agreement than the one that holds.",
    Reason.OTHER_DIGEST: "What it cites is not what the parties voted on.",
    Reason.PUBLICITY_NOT_APPROVED: "Everybody could see it on RIPE Atlas, and not all parties approved of that.",
    Reason.BEGINS_BEFORE_AGREEMENT: "It would begin before the agreement does.",
    Reason.ENDS_AFTER_AGREEMENT: "It would run for longer than the agreement.",
    Reason.OTHER_TARGET: "The agreement does not name this target.",
    Reason.OTHER_TYPE: "The agreement does not name this type of measurement toward this target.",
    Reason.OTHER_ADDRESS_FAMILY: "The agreement does not name this address family for this target and type.",
    Reason.OTHER_PARAMETERS: "The agreement names other parameters.",
    Reason.TOO_OFTEN: "It would be measured more often than was agreed.",
    Reason.OTHER_PROBES: "The agreement does not name these probes, or not as many.",
    Reason.PROBES_UNKNOWN: "It names probes of which nobody was told lately whether they are among those that the "
    "agreement allows; `rasad probes refresh` asks.",
    Reason.TOO_MANY_PROBES: "It would be measured from more probes than was agreed.",
    Reason.TOO_MANY_CREDITS: "It would cost more credits than were agreed, with what runs already.",
    Reason.TOO_MANY_PACKETS: "The target would get more packets per second than was agreed, with what runs already.",
    Reason.OTHER_PUBLICITY: "The agreement says otherwise whether everybody may see it on RIPE Atlas.",
    Reason.TERMS_NOT_ACCEPTED: "Nobody has accepted RIPE Atlas's terms of service; `rasad terms accept` notes who did.",
    Reason.TARGET_UNKNOWN: "The target has no entry in the catalogue.",
    Reason.OWNER_OPTED_OUT: "The target's owner does not want it to be measured.",
    Reason.OWNER_NOT_ASKED: "The target's owner is no party, and has not consented.",
    Reason.OWNER_CONSENT_OVER: "The consent of the target's owner does not hold now: it has ended, was withdrawn, "
    "or has not begun.",
    Reason.ENDS_AFTER_OWNER_CONSENT: "It would run for longer than the target's owner has consented to.",
    Reason.OWNER_NOT_NOTIFIED: "The target is a public service of somebody who is no party, and was not told of it.",
    Reason.TYPE_NOT_ALLOWED_BY_OWNER: "The target's entry does not allow this type of measurement.",
    Reason.TARGET_NOT_PINNED: "Nobody has said yet to which addresses the target's name resolves.",
    Reason.TARGET_DRIFTED: "The target's name resolves to other addresses than it did; a party has to confirm them.",
    Reason.TARGET_NOT_REVIEWED: "The target's entry is due for review.",
    Reason.TOO_MANY_PACKETS_FOR_OWNER: "The target would get more packets per second than its entry allows.",
    Reason.NETWORK_OPTED_OUT: "Its probes are chosen where they may be in a network whose operator does not want that.",
    Reason.CAMPAIGN_PAUSED: "Its campaign is paused; `rasad campaign resume` has it go on.",
    Reason.CAMPAIGN_STOPPED: "Its campaign was stopped.",
    Reason.CAMPAIGN_CHANGED: "Its campaign asks for something else since.",
    Reason.CAMPAIGN_OVER_BUDGET: "Its campaign would cost more credits than its budget, with what was spent and runs.",
    Reason.REQUEST_CANCELLED: "Whoever asked for it has cancelled the request.",
    Reason.OVER_BUDGET: "No account that was allotted to the agreement holds as many credits as it may cost.",
    Reason.TOO_MANY_AT_ONCE: "RIPE Atlas lets no account have as many measurements at once.",
    Reason.TOO_MANY_AT_TARGET: "RIPE Atlas lets nobody have the target measured by as many measurements at once.",
    Reason.TOO_MANY_PROBES_FOR_PLATFORM: "RIPE Atlas gives no measurement as many probes.",
    Reason.TOO_MANY_RESULTS_PER_DAY: "RIPE Atlas gives no account as many results a day.",
    Reason.TOO_MANY_RESULTS_PER_SECOND: "RIPE Atlas lets no measurement bring as many results a second.",
    Reason.TOO_MANY_CREDITS_PER_DAY: "RIPE Atlas lets no account spend as many credits a day.",
}


class Caution(StrEnum):
    """Something that does not forbid it, and that nobody should overlook.

    Whoever operates a network that is no party's should acknowledge that probes in it are asked (domain sheet, 1.2): it
    should, so that it is told and not refused.
    """

    NETWORK_NOT_ASKED = "network_not_asked"
    NETWORKS_UNKNOWN = "networks_unknown"

    @property
    def explanation(self) -> str:
        """In plain words, and what to do about it."""
        return _CAUTIONS[self]


_CAUTIONS = {
    Caution.NETWORK_NOT_ASKED: "Its probes are chosen in a network whose operator is no party, and of whom no consent "
    "is held that holds now; ask it, and put it in the catalogue as a target named after its network, such as as24722.",
    Caution.NETWORKS_UNKNOWN: "In which networks its probes are is not known before RIPE Atlas chooses them; their "
    "operators may not have been asked. The agreement of the parties is not theirs.",
}
