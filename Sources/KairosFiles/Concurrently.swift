import Foundation

/// `transform` of each element, on all cores at once; the results are in the order of the elements.
public func concurrently<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ transform: @Sendable (Element) -> Result
) -> [Result] {
    [Result](unsafeUninitializedCapacity: elements.count) { results, count in
        // Each place is written once, by whoever took its index.
        nonisolated(unsafe) let results = results
        DispatchQueue.concurrentPerform(iterations: elements.count) { index in
            results.initializeElement(at: index, to: transform(elements[index]))
        }
        count = elements.count
    }
}
