"""The imports of a new Java file: of what it names, from where the project and its libraries have it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from backwright.stacks.spring.style import Layout

_PACKAGES = {
    "java.math": "BigDecimal",
    "java.net": "URI",
    "java.time": "Instant LocalDate LocalDateTime OffsetDateTime ZonedDateTime",
    "java.util": "ArrayDeque ArrayList Arrays Date Deque HashMap LinkedHashMap List Locale Map Optional Set UUID",
    "java.util.concurrent.atomic": "AtomicInteger",
    "java.util.stream": "Collectors",
    "com.fasterxml.jackson.annotation": "JsonProperty",
    "com.jayway.jsonpath": "JsonPath",
    "org.hibernate.annotations": (
        "CreationTimestamp UpdateTimestamp GenericGenerator JdbcTypeCode UuidGenerator OnDelete OnDeleteAction"
    ),
    "org.hibernate.type": "SqlTypes",
    "org.hibernate.validator.constraints": "URL",
    "org.junit.jupiter.api": "AfterEach BeforeEach Test",
    "org.springframework.beans.factory.annotation": "Autowired",
    "org.springframework.boot.test.context": "SpringBootTest",
    "org.springframework.dao": "DataIntegrityViolationException OptimisticLockingFailureException",
    "org.springframework.data.domain": "Page PageRequest Pageable Sort",
    "org.springframework.data.jpa.domain": "Specification",
    "org.springframework.data.jpa.domain.support": "AuditingEntityListener",
    "org.springframework.data.jpa.repository": "JpaRepository JpaSpecificationExecutor",
    "org.springframework.data.annotation": "CreatedDate LastModifiedDate CreatedBy LastModifiedBy",
    "org.springframework.data.web": "PageableDefault",
    "org.springframework.format.annotation": "DateTimeFormat",
    "org.springframework.http": "HttpMethod HttpStatus MediaType ResponseEntity",
    "org.springframework.security.access.prepost": "PreAuthorize",
    "org.springframework.security.core.authority": "SimpleGrantedAuthority",
    "org.springframework.security.test.web.servlet.request": "SecurityMockMvcRequestPostProcessors",
    "org.springframework.stereotype": "Component Repository Service",
    "org.springframework.test.context": "ActiveProfiles",
    "org.springframework.test.web.servlet": "MockMvc MvcResult ResultActions",
    "org.springframework.test.web.servlet.request": "MockHttpServletRequestBuilder MockMvcRequestBuilders",
    "org.springframework.test.web.servlet.result": "MockMvcResultMatchers",
    "org.springframework.transaction.annotation": "Transactional",
    "org.springframework.web.bind.annotation": (
        "DeleteMapping GetMapping PatchMapping PathVariable PostMapping PutMapping RequestBody RequestMapping "
        "RequestParam ResponseStatus RestController"
    ),
    "org.springframework.web.server": "ResponseStatusException",
    "lombok": (
        "AllArgsConstructor Builder Data EqualsAndHashCode Getter NoArgsConstructor RequiredArgsConstructor "
        "Setter ToString"
    ),
    "lombok.experimental": "SuperBuilder",
    "{ee}.persistence": (
        "CascadeType Column Entity EntityListeners EnumType Enumerated FetchType GeneratedValue GenerationType "
        "Id JoinColumn ManyToOne Lob PrePersist PreUpdate SequenceGenerator Table TableGenerator "
        "Temporal TemporalType UniqueConstraint Version"
    ),
    "{ee}.persistence.criteria": "Predicate",
    "{ee}.validation": "Valid",
    "{ee}.validation.constraints": "DecimalMax DecimalMin Digits Email Max Min NotBlank NotNull Pattern Size",
}
KNOWN: Mapping[str, str] = {name: package for package, names in _PACKAGES.items() for name in names.split()}
_LANGUAGE = frozenset(
    """Boolean Byte Character Class Comparable Double Enum Exception Float IllegalArgumentException IllegalStateException
    Integer Iterable Long Math Number Object Override Record Runnable RuntimeException Short String StringBuilder
    SuppressWarnings System Void T""".split()  # noqa: SIM905 (as the packages above)
)
_NAME = re.compile(r"(?<![\w.])@?([A-Z]\w*)")
_TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)


def file_text(
    package: str, body: str, layout: Layout, *, jakarta: bool, own: Mapping[str, str], static: Iterable[str] = (),
    wild: Iterable[str] = (),
) -> str:  # fmt: skip
    """A whole file. `own` gives the package of each class of the project that the body may name.

    `wild` are packages of which the exemplar imports everything: names that we do not know may be theirs.
    """
    named = dict.fromkeys(_NAME.findall(_TEXT.sub(" ", body)))
    wanted = set()
    declared = set(re.findall(r"\b(?:class|interface|enum|record)\s+(\w+)", body))
    for name in named:
        if name in declared:
            continue
        home = own.get(name)
        home = home if home is not None else KNOWN.get(name, "").replace("{ee}", "jakarta" if jakarta else "javax")
        if home and home not in {package, "java.lang"}:
            wanted.add(f"import {home}.{name};")
        elif not home and name not in _LANGUAGE:
            wanted.update(f"import {other}.*;" for other in wild)
    blocks = _blocks(wanted, layout)
    statics = sorted(f"import static {name};" for name in static)
    if statics:
        blocks = ["\n".join(statics), *blocks] if layout.static_first else [*blocks, "\n".join(statics)]
    indented = re.sub(r"^((?:    )+)", lambda m: layout.indent * (len(m[1]) // 4), body.strip(), flags=re.MULTILINE)
    return "\n\n".join([f"package {package};", *(b for b in blocks if b), indented]) + "\n"


def _blocks(wanted: set[str], layout: Layout) -> list[str]:
    if layout.imports == "sorted":
        return ["\n".join(sorted(wanted, key=lambda line: line.rstrip(";")))]
    java = sorted(
        (w for w in wanted if re.match(r"import javax?\.", w)), key=lambda w: (not w.startswith("import javax."), w)
    )
    return ["\n".join(sorted(wanted - set(java))), "\n".join(java)]
