// SPDX-License-Identifier: Apache-2.0

import Testing
import bpfc

@Suite struct TypeLayoutTests {
    private static let word = TypeLayout(size: 4, alignment: 4)
    private static let byte = TypeLayout(size: 1, alignment: 1)

    @Test("fields begin at multiples of their alignment, and what lies between is a gap")
    func gaps() {
        let inner = TypeLayout(fields: [Self.byte, .init(size: 2, alignment: 2)])
        #expect(inner == TypeLayout(size: 4, alignment: 2, gaps: [1..<2]))
        let outer = TypeLayout(fields: [Self.byte, Self.word, inner, Self.byte])
        #expect(outer == TypeLayout(size: 13, alignment: 4, gaps: [1..<4, 9..<10]))
        #expect(outer.stride == 16)
        #expect(outer.allGaps == [1..<4, 9..<10, 13..<16])
        #expect(TypeLayout(fields: [Self.word, Self.word]).allGaps.isEmpty)
    }

    @Test("the layout that debug information describes")
    func debugInformation() throws {
        let layouts = try TypeLayout.read(
            ir: """
                !1 = !DICompositeType(tag: DW_TAG_structure_type, name: "Key", scope: !9, file: !9, line: 2, size: 256, elements: !2)
                !2 = !{!3, !4, !5, !6}
                !3 = !DIDerivedType(tag: DW_TAG_member, name: "a", scope: !9, file: !9, baseType: !10, size: 8)
                !4 = !DIDerivedType(tag: DW_TAG_member, name: "b", scope: !9, file: !9, baseType: !20, size: 32, offset: 8)
                !5 = !DIDerivedType(tag: DW_TAG_member, name: "e", scope: !9, file: !9, baseType: !30, size: 8, offset: 64)
                !6 = !DIDerivedType(tag: DW_TAG_member, name: "t", scope: !9, file: !9, baseType: !40, size: 128, offset: 96)
                !10 = !DICompositeType(tag: DW_TAG_structure_type, name: "UInt8", scope: !9, file: !9, size: 8, elements: !11)
                !11 = !{!12}
                !12 = !DIDerivedType(tag: DW_TAG_member, name: "_value", scope: !9, file: !9, baseType: !13, size: 8)
                !13 = !DIDerivedType(tag: DW_TAG_typedef, name: "Int8", scope: !9, file: !9, baseType: !14)
                !14 = !DICompositeType(tag: DW_TAG_structure_type, name: "$eBi8_D", size: 8)
                !20 = !DIBasicType(name: "UInt32", size: 32, encoding: DW_ATE_unsigned)
                !30 = !DICompositeType(tag: DW_TAG_enumeration_type, name: "E", scope: !9, baseType: !10, size: 8, elements: !31)
                !31 = !{}
                !40 = !DICompositeType(tag: DW_TAG_structure_type, name: "$es5UInt8V_SitD", file: !9, size: 128, elements: !41)
                !41 = !{!42, !43}
                !42 = !DIDerivedType(tag: DW_TAG_member, file: !9, baseType: !10, size: 8)
                !43 = !DIDerivedType(tag: DW_TAG_member, file: !9, baseType: !44, size: 64, offset: 8)
                !44 = !DICompositeType(tag: DW_TAG_structure_type, name: "UnsafeRawPointer", scope: !9, flags: DIFlagFwdDecl)
                !50 = !DICompositeType(tag: DW_TAG_structure_type, name: "Optional", scope: !9, size: 40, specification: !51)
                """)
        #expect(layouts["$es5UInt8V_SitD"] == TypeLayout(size: 16, alignment: 8, gaps: [1..<8]))
        #expect(layouts["Key"] == TypeLayout(size: 32, alignment: 8, gaps: [1..<4, 9..<16, 17..<24]))
        #expect(layouts["Optional"] == nil, "what its bytes mean depends on others")
    }
}
