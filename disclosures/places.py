"""Many places in few bytes: the log and the pages name lines and pairs by number, runs of them by their ends."""

from collections.abc import Iterable

Place = tuple[int, int]


def runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of each unbroken run, in order: 1, 2, 3, 7 is (1, 3), (7, 7)."""
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def compact(places: Iterable[Place]) -> str:
    """Pairs (item, person) as the log writes them: `1.1-25 2.3` is item 1 of persons 1 to 25 and item 2 of person 3."""
    people: dict[int, list[int]] = {}
    for item, person in places:
        people.setdefault(item, []).append(person)
    return " ".join(
        f"{item}.{first}" if first == last else f"{item}.{first}-{last}"
        for item in sorted(people)
        for first, last in runs(people[item])
    )


def in_words(numbers: Iterable[int]) -> str:
    """“3”, “3 and 5”, “3, 5 and 7 to 90”."""
    words: list[str] = []
    for first, last in runs(numbers):
        words += [str(first), str(last)] if last == first + 1 else []
        words += [] if last == first + 1 else [str(first) if first == last else f"{first} to {last}"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
